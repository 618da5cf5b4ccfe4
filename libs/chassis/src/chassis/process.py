"""What every service process does first and last: no core dumps, nobody reads its memory, a signal means stop."""

import asyncio
import ctypes
import importlib
import importlib.util
import resource
import signal
from collections.abc import Awaitable, Callable
from typing import Final

from chassis.errors import ChassisError
from chassis.logs import Log, hush_loop, hush_uncaught, silence_libraries

_PR_SET_DUMPABLE: Final = 4  #: linux/prctl.h


class HardeningError(ChassisError):
    """The kernel refused a protection the process must not run without."""


def harden() -> None:
    """No core dump, and no other process of this user may attach or read /proc/PID/mem. Errors: HardeningError."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise HardeningError("prctl(PR_SET_DUMPABLE) failed")


def run(main: Callable[[asyncio.Event], Awaitable[None]], log: Log | None = None) -> None:
    """Run `main` until it returns. SIGTERM and SIGINT set the event it is given, also during start-up.

    With a log, libraries are silenced and uncaught errors are named by class only.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_main(main, log))


async def _main(main: Callable[[asyncio.Event], Awaitable[None]], log: Log | None) -> None:
    loop = asyncio.get_running_loop()
    if log is not None:
        silence_libraries()
        hush_uncaught(log)
        hush_loop(loop, log)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await main(stop)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed: about twice the frames per second. It is not required."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory
