"""Work in threads does not outlive the task that asked for it."""

import asyncio
import threading

import pytest
from monitor_agent.threads import in_thread


async def test_a_cancelled_call_returns_only_after_its_work_has_ended() -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(10)
        ended.set()

    calling = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait, 10)
    calling.cancel()
    await asyncio.sleep(0.05)
    assert not calling.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await calling

    assert ended.is_set()


async def test_an_error_of_the_work_is_the_callers() -> None:
    def work() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        await in_thread(work)
