"""The bus inside one process: the same rights, queues, bounds and lifetimes as the broker's definitions, in memory.

For the demo and for tests. `InProcessBroker.hop` stands for a hostile broker: tests alter, drop or repeat there.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from contract.topology import ANNOUNCE, Rights, Route, Topology

from chassis.bus import BusDown, Consumer, Refused, Unroutable
from chassis.inprocess_queue import MemoryQueue, QueueConsumer

_FANOUT: Final = frozenset({ANNOUNCE})

#: What one message becomes on its way into the queue of this name. The honest hop is `unchanged`.
Hop = Callable[[str, bytes], Iterable[bytes]]


def unchanged(_: str, body: bytes) -> Iterable[bytes]:
    """What an honest broker does."""
    return (body,)


class InProcessBroker:
    """All virtual hosts of one topology."""

    def __init__(self, topology: Topology, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rights = {(rights.user, rights.vhost): rights for rights in topology.rights()}
        self._queues = {(queue.vhost, queue.name): MemoryQueue(queue, monotonic) for queue in topology.queues()}
        self.hop: Hop = unchanged
        self.is_running = True
        self.is_blocked = False  #: as under a memory or disk alarm: publishers wait

    def bus(self, user: str, vhost: str) -> "InProcessBus":
        """The bus of one user. Errors: Refused if the user has no right at all in this virtual host."""
        rights = self._rights.get((user, vhost))
        if rights is None:
            raise Refused("no such user in this virtual host")
        return InProcessBus(self, rights)

    def stop(self) -> None:
        """As a broker crash: every consumer ends, and waiting messages (none is persistent here) are gone."""
        self.is_running = False
        for queue in self._queues.values():
            queue.crash()

    def start(self) -> None:
        """After `stop`."""
        self.is_running = True

    def depth(self, vhost: str, name: str) -> int:
        """Messages that wait in a queue, unacknowledged ones not counted."""
        return self._queues[vhost, name].depth

    def deliver(self, vhost: str, route: Route, body: bytes, ttl_ms: int | None) -> None:
        """Put a message into every queue bound to its route. Errors: Unroutable, Refused."""
        bound = [queue for (host, _), queue in self._queues.items() if host == vhost and _is_bound(queue, route)]
        if not bound:
            raise Unroutable("no queue takes messages of this route")
        for queue in bound:
            for altered in self.hop(queue.name, body):
                queue.put(altered, ttl_ms)

    def queue(self, vhost: str, name: str) -> MemoryQueue:
        """Errors: Refused if there is none."""
        queue = self._queues.get((vhost, name))
        if queue is None:
            raise Refused("no such queue")
        return queue


def _is_bound(queue: MemoryQueue, route: Route) -> bool:
    return queue.exchange == route.exchange and (route.exchange in _FANOUT or queue.key == route.key)


class InProcessBus:
    """One user in one virtual host."""

    def __init__(self, broker: InProcessBroker, rights: Rights) -> None:
        self._broker = broker
        self._rights = rights
        self._consumers: set[QueueConsumer] = set()
        self._is_closed = False

    @property
    def is_up(self) -> bool:
        return self._broker.is_running and not self._broker.is_blocked and not self._is_closed

    async def publish(self, route: Route, body: bytes, *, ttl_ms: int | None = None) -> None:
        if not self.is_up:
            raise BusDown("the broker does not take messages")
        _require(self._rights.write, route.exchange)
        self._broker.deliver(self._rights.vhost, route, body, ttl_ms)
        await asyncio.sleep(0)  # others get their turn, as they would while a confirmation is under way

    @asynccontextmanager
    async def consume(self, queue: str, *, prefetch: int = 16) -> AsyncGenerator[Consumer]:
        consumer = QueueConsumer(self._readable(queue), prefetch)
        self._consumers.add(consumer)
        try:
            yield consumer
        finally:
            self._consumers.discard(consumer)
            consumer.end()

    async def purge(self, queue: str) -> int:
        return self._readable(queue).purge()

    async def close(self) -> None:
        self._is_closed = True
        for consumer in tuple(self._consumers):
            consumer.end()

    def _readable(self, name: str) -> MemoryQueue:
        if self._is_closed or not self._broker.is_running:
            raise BusDown("the broker is not there")
        _require(self._rights.read, name)
        return self._broker.queue(self._rights.vhost, name)


def _require(pattern: str, resource: str) -> None:
    """As RabbitMQ: a regular expression searched for in the resource's name."""
    if re.search(pattern, resource) is None:
        raise Refused("no right to do this")
