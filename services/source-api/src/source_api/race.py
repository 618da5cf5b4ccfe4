"""Work that ends early when something else happens first."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from source_api.refusals import Reason, Refusal

T = TypeVar("T")


async def unless(work: Coroutine[Any, Any, T], interruptions: Mapping[Reason, Coroutine[Any, Any, object]]) -> T:
    """The work's result, unless an interruption ends before it. Errors: the work's own, Refusal."""
    task = asyncio.create_task(work)
    waiting = {asyncio.create_task(interruption): reason for reason, interruption in interruptions.items()}
    try:
        done, _ = await asyncio.wait({task, *waiting}, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            return task.result()
        raise Refusal(next(waiting[other] for other in waiting if other in done))
    finally:
        for running in (task, *waiting):
            running.cancel()
        await asyncio.gather(task, *waiting, return_exceptions=True)
