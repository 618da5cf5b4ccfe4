"""The bus over RabbitMQ.

Theory: two lines per virtual host, because under an alarm the broker stops reading from connections that publish, and
consumers must go on. All publishes go over one channel in the order of the calls: between a call and its place in
that order nothing is awaited, so callers may have many publishes under way and still rely on their order.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

from aiormq.abc import AbstractChannel
from contract.topology import AUDIT, Route
from pamqp.commands import Basic

from chassis.amqp_consumer import AmqpConsumer
from chassis.amqp_errors import bus_errors
from chassis.amqp_line import AmqpSettings, Line
from chassis.bus import BusDown, BusError, Consumer

_CALL_SECONDS: Final = 8.0
_START_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.2  #: between attempts to open the publishing channel

_TRANSIENT: Final = 1
_PERSISTENT: Final = 2


class AmqpBus:
    """One user in one virtual host. Made by `connect`."""

    def __init__(self, settings: AmqpSettings, publishing: Line, consuming: Line) -> None:
        self._settings = settings
        self._publishing = publishing
        self._consuming = consuming
        self._channel: AbstractChannel | None = None
        self._opened = asyncio.Event()  #: the publishing channel was there once
        self._consumers: set[AmqpConsumer] = set()
        self._keeper = asyncio.create_task(self._keep_channel())

    @classmethod
    async def connect(cls, settings: AmqpSettings, vhost: str) -> "AmqpBus":
        """Returns when connected, or after ten seconds without a connection: then it goes on trying."""
        publishing, consuming = Line(settings, vhost), Line(settings, vhost)
        bus = cls(settings, publishing, consuming)
        try:
            await asyncio.gather(publishing.start(_START_SECONDS), consuming.start(_START_SECONDS))
            with suppress(TimeoutError):
                await asyncio.wait_for(bus._opened.wait(), 1.0 if publishing.is_up else 0)
        except BaseException:
            await bus.close()
            raise
        return bus

    @property
    def is_up(self) -> bool:
        return self._open_channel is not None and self._publishing.is_up and self._consuming.is_up

    async def publish(self, route: Route, body: bytes, *, ttl_ms: int | None = None) -> None:
        channel = self._open_channel
        if channel is None or not self._publishing.is_up:
            raise BusDown("the broker does not take messages")
        async with bus_errors(self._settings.confirm_seconds):
            await channel.basic_publish(
                body,
                exchange=route.exchange,
                routing_key=route.key,
                properties=_properties(route, ttl_ms),
                mandatory=True,
            )

    @asynccontextmanager
    async def consume(self, queue: str, *, prefetch: int = 16) -> AsyncGenerator[Consumer]:
        channel = await self._consuming.channel()
        consumer = AmqpConsumer(channel)
        self._consumers.add(consumer)
        try:
            await consumer.start(queue, prefetch)
            yield consumer
        finally:
            self._consumers.discard(consumer)
            await _close_channel(channel)

    async def purge(self, queue: str) -> int:
        channel = await self._consuming.channel()
        try:
            async with bus_errors(_CALL_SECONDS):
                answer = await channel.queue_purge(queue)
        finally:
            await _close_channel(channel)
        return int(answer.message_count or 0)

    async def close(self) -> None:
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        for consumer in tuple(self._consumers):
            consumer.end()
        for line in (self._publishing, self._consuming):
            with suppress(BusError):
                await line.close()

    @property
    def _open_channel(self) -> AbstractChannel | None:
        channel = self._channel
        return channel if channel is not None and not channel.is_closed else None

    async def _keep_channel(self) -> None:
        """There is a publishing channel whenever there is a connection: `publish` itself never opens one."""
        while True:
            await self._publishing.wait_connected()
            with suppress(BusError):
                self._channel = channel = await self._publishing.channel()
                self._opened.set()
                await asyncio.wait([channel.closing])
                self._channel = None
            await asyncio.sleep(_PAUSE_SECONDS)


def _properties(route: Route, ttl_ms: int | None) -> Basic.Properties:
    """No time, no sender, no type. aiormq adds a random message id, by which it knows returned messages again."""
    mode = _PERSISTENT if route.exchange == AUDIT else _TRANSIENT
    return Basic.Properties(delivery_mode=mode, expiration=None if ttl_ms is None else str(ttl_ms))


async def _close_channel(channel: AbstractChannel) -> None:
    """Unacknowledged messages go back to their queue. A dead connection has done so already."""
    with suppress(BusError):
        async with bus_errors(_CALL_SECONDS):
            await channel.close()
