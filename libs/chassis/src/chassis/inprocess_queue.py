"""One queue in memory, and its consumer."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from contract.topology import Queue

from chassis.bus import BusDown, Delivery, Refused


@dataclass(frozen=True, slots=True)
class _Waiting:
    body: bytes
    dies_at: float | None  #: on the monotonic clock
    redelivered: bool = False


class MemoryQueue:
    """Bounds and lifetimes as in the queue's arguments (x-max-length, x-overflow, x-message-ttl)."""

    def __init__(self, queue: Queue, monotonic: Callable[[], float]) -> None:
        arguments = dict(queue.arguments)
        self.name, self.exchange, self.key = queue.name, queue.exchange, queue.key
        self.consumer: QueueConsumer | None = None
        self._monotonic = monotonic
        self._bound = _number(arguments.get("x-max-length"))
        self._drops_head = arguments.get("x-overflow", "drop-head") == "drop-head"
        self._ttl_ms = _number(arguments.get("x-message-ttl"))
        self._waiting: deque[_Waiting] = deque()

    @property
    def depth(self) -> int:
        self._bury()
        return len(self._waiting)

    def put(self, body: bytes, ttl_ms: int | None) -> None:
        """Errors: Refused when full and not allowed to drop the oldest."""
        if self._bound is not None and self.depth >= self._bound:
            if not self._drops_head:
                raise Refused("the queue is full")
            self._waiting.popleft()
        lifetimes = [ttl for ttl in (ttl_ms, self._ttl_ms) if ttl is not None]
        dies_at = self._monotonic() + min(lifetimes) / 1000 if lifetimes else None
        self._waiting.append(_Waiting(body, dies_at))
        self._wake()

    def take(self) -> _Waiting | None:
        """The oldest message still alive."""
        self._bury()
        return self._waiting.popleft() if self._waiting else None

    def give_back(self, messages: list[_Waiting]) -> None:
        """Unacknowledged messages go to the head again, in their order."""
        again = (_Waiting(message.body, message.dies_at, redelivered=True) for message in messages)
        self._waiting.extendleft(reversed(list(again)))

    def purge(self) -> int:
        """Drop all that wait; how many."""
        count = self.depth
        self._waiting.clear()
        return count

    def crash(self) -> None:
        """Drop everything and break the consumer."""
        consumer, self.consumer = self.consumer, None
        if consumer is not None:
            consumer.end()
        self._waiting.clear()

    def _bury(self) -> None:
        now = self._monotonic()
        if any(message.dies_at is not None and message.dies_at <= now for message in self._waiting):
            alive = (message for message in self._waiting if message.dies_at is None or message.dies_at > now)
            self._waiting = deque(alive)

    def _wake(self) -> None:
        if self.consumer is not None:
            self.consumer.wake()


class QueueConsumer:
    """The one consumer of a queue. Errors at construction: Refused if there is one already."""

    def __init__(self, queue: MemoryQueue, prefetch: int) -> None:
        if queue.consumer is not None:
            raise Refused("another consumer holds the queue")
        queue.consumer = self
        self._queue = queue
        self._prefetch = prefetch
        self._taken: dict[int, _Waiting] = {}
        self._number = 0
        self._is_over = False
        self._changed = asyncio.Event()

    def __aiter__(self) -> "QueueConsumer":
        return self

    async def __anext__(self) -> Delivery:
        while True:
            self._changed.clear()
            if self._is_over:
                raise BusDown("the consumer has ended")
            message = self._queue.take() if len(self._taken) < self._prefetch else None
            if message is not None:
                return self._delivery(message)
            await self._changed.wait()

    def wake(self) -> None:
        """Something changed: look again."""
        self._changed.set()

    def end(self) -> None:
        """Give back what was not acknowledged. A second call does nothing."""
        if self._is_over:
            return
        self._is_over = True
        if self._queue.consumer is self:
            self._queue.consumer = None
        self._queue.give_back(list(self._taken.values()))
        self._taken.clear()
        self.wake()

    def _delivery(self, message: _Waiting) -> Delivery:
        number = self._number = self._number + 1
        self._taken[number] = message

        async def settle() -> None:
            if self._is_over:
                raise BusDown("the consumer has ended")
            self._taken.pop(number, None)
            self.wake()

        return Delivery(message.body, message.redelivered, settle)


def _number(value: str | int | None) -> int | None:
    return value if isinstance(value, int) else None
