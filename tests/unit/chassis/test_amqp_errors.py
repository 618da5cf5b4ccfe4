"""What the AMQP libraries raise, in the bus's words."""

import asyncio

import pytest
from aiormq.exceptions import (
    AMQPConnectionError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    DeliveryError,
)
from chassis.amqp_errors import bus_errors
from chassis.bus import BusDown, BusError, Refused
from pamqp.commands import Basic


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (DeliveryError(None, Basic.Nack()), Refused),
        (ChannelAccessRefused("secret"), Refused),
        (ChannelNotFoundEntity("secret"), Refused),
        (ChannelLockedResource("secret"), Refused),
        (AMQPConnectionError("secret"), BusDown),
        (ChannelInvalidStateError("secret"), BusDown),
        (ConnectionResetError("secret"), BusDown),
        (RuntimeError("secret"), BusDown),
        (asyncio.CancelledError("secret"), BusDown),  # aiormq's way to end calls of a lost connection
    ],
)
async def test_every_error_has_a_word_and_none_is_quoted(raised: BaseException, said: type[BusError]) -> None:
    with pytest.raises(said) as caught:
        async with bus_errors(1):
            raise raised

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_call_that_takes_too_long_is_down() -> None:
    with pytest.raises(BusDown):
        async with bus_errors(0.01):
            await asyncio.sleep(5)


async def test_our_own_cancellation_stays_one() -> None:
    async def call() -> None:
        async with bus_errors(5):
            await asyncio.sleep(5)

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_fault_of_our_own_is_not_dressed_up() -> None:
    with pytest.raises(KeyError):
        async with bus_errors(1):
            raise KeyError("ours")
