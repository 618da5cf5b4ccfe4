"""What aio-pika and aiormq raise, said in the words of the bus."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aio_pika.exceptions import CONNECTION_EXCEPTIONS
from aiormq.exceptions import (
    ChannelAccessRefused,
    ChannelLockedResource,
    ChannelNotFoundEntity,
    DeliveryError,
    PublishError,
)

from chassis.bus import BusDown, Refused, Unroutable


@asynccontextmanager
async def bus_errors(seconds: float) -> AsyncGenerator[None]:
    """A time limit, and errors as Unroutable, Refused or BusDown. None of them quotes the library.

    aiormq ends calls under way with CancelledError when their connection is lost. If nobody cancelled this task,
    it was that, and not our end.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except PublishError:
        raise Unroutable("no queue takes messages of this route") from None
    except DeliveryError:
        raise Refused("the queue is full") from None
    except (ChannelAccessRefused, ChannelLockedResource, ChannelNotFoundEntity):
        raise Refused("no right to do this, no such queue, or another consumer holds it") from None
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BusDown("the connection was lost") from None
    except (TimeoutError, *CONNECTION_EXCEPTIONS) as error:
        raise BusDown(f"no answer from the broker ({type(error).__name__})") from None
