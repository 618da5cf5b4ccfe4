"""Blocking work in a thread that is over when the call returns, however it returns.

A thread cannot be cancelled: `asyncio.to_thread` would return at a cancellation and leave it writing, perhaps into the
files of the monitor's next run.
"""

import asyncio
from collections.abc import Callable


async def in_thread(work: Callable[[], None]) -> None:
    """Errors: whatever `work` raises; a cancellation only after `work` has ended."""
    working = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise
