"""A consumer on a channel of its own, in queue order.

aiormq runs its callback as a task per message, so an `await` in there would let messages overtake each other. The
callback only puts them into a queue; whoever iterates is the one pump.
"""

import asyncio
from typing import Final

from aiormq.abc import AbstractChannel, DeliveredMessage
from pamqp.commands import Basic

from chassis.amqp_errors import bus_errors
from chassis.bus import BusDown, Delivery

_CALL_SECONDS: Final = 8.0


class AmqpConsumer:
    """Exclusive: a second consumer of the same queue, from whatever connection, is refused."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._arrived: asyncio.Queue[Delivery | None] = asyncio.Queue()  # bounded by prefetch
        self._is_over = False

    async def start(self, queue: str, prefetch: int) -> None:
        """Errors: Refused, BusDown."""
        self._channel.closing.add_done_callback(lambda _: self.end())
        self._channel.on_consumer_cancel_callbacks.add(self._on_cancelled)
        async with bus_errors(_CALL_SECONDS):
            await self._channel.basic_qos(prefetch_count=prefetch)
            await self._channel.basic_consume(queue, self._on_message, exclusive=True)

    def __aiter__(self) -> "AmqpConsumer":
        return self

    async def __anext__(self) -> Delivery:
        delivery = None if self._is_over else await self._arrived.get()
        if delivery is None or self._is_over:
            raise BusDown("the consumer has ended")
        return delivery

    def end(self) -> None:
        """Iteration stops with BusDown. What has arrived and was not acknowledged belongs to the broker again."""
        self._is_over = True
        self._arrived.put_nowait(None)

    async def _on_message(self, message: DeliveredMessage) -> None:
        tag = message.delivery_tag

        async def settle() -> None:
            async with bus_errors(_CALL_SECONDS):
                await self._channel.basic_ack(int(tag or 0), wait=False)

        self._arrived.put_nowait(Delivery(message.body, bool(message.redelivered), settle))

    async def _on_cancelled(self, _: Basic.Cancel) -> None:
        """The broker ended the consumer: its queue is gone."""
        self.end()
