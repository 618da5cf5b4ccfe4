"""The bus: what a service may ask of a message broker. Two implementations: AMQP, and one inside the process.

Theory: nothing here is trusted. The bus may lose, repeat, reorder or make up messages; who uses it verifies signatures
and numbers. What it promises is only this: `publish` returned means the broker took the message for at least one queue,
and calls of `publish` started one after the other arrive in that order unless one of them raises.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from contract.topology import Route

from chassis.errors import ChassisError


class BusError(ChassisError):
    """Base of what a bus raises."""


class Unroutable(BusError):
    """No queue takes messages of this route. The broker has not kept the message."""


class Refused(BusError):
    """The broker said no: no right, no such queue, another consumer holds it, or the queue is full."""


class BusDown(BusError):
    """No connection, or no confirmation in time. The message may or may not have arrived."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message from a queue. Unacknowledged ones come back, marked `redelivered`, when the consumer ends."""

    body: bytes
    redelivered: bool
    settle: Callable[[], Awaitable[None]] = field(repr=False)

    async def ack(self) -> None:
        """Take the message off the queue. Errors: BusDown (the message may come again)."""
        await self.settle()


#: Messages in queue order. Iteration raises BusDown when the connection is lost; the owner opens a new consumer.
Consumer = AsyncIterator[Delivery]


class Bus(Protocol):
    """One virtual host of a broker, as one user."""

    @property
    def is_up(self) -> bool:
        """True if a publish would be tried now. False too while the broker blocks publishers."""

    async def publish(self, route: Route, body: bytes, *, ttl_ms: int | None = None) -> None:
        """Hand over one message and wait for the broker's confirmation. Errors: Unroutable, Refused, BusDown."""

    def consume(self, queue: str, *, prefetch: int = 16) -> AbstractAsyncContextManager[Consumer]:
        """The only consumer of a queue, with at most `prefetch` messages unacknowledged. Errors: Refused, BusDown."""

    async def purge(self, queue: str) -> int:
        """Drop what waits in a queue; how many messages that were. Errors: Refused, BusDown."""

    async def close(self) -> None:
        """End all consumers and let go of the connections."""
