"""Failed logins are answered late; a right login is never held up or locked out.

Theory: a lock-out is a weapon against the newsroom (anyone who reaches the login could shut journalists out), so there
is none. Each failure under a username makes the *failing* answers for it slower, whether the name exists or not.
The count is in memory and forgotten after a while. What guesses a code costs is bounded here and seen by the monitor,
which is told of every failed login.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

FIRST_DELAY_SECONDS: Final = 0.25
LONGEST_DELAY_SECONDS: Final = 8.0
FORGET_SECONDS: Final = 900.0
MAX_NAMES: Final = 1024  #: remembered at once; the longest unused is dropped


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Throttle:
    """Counts failures per username and holds failing answers back."""

    def __init__(
        self,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sleep = sleep
        self._monotonic = monotonic
        self._names: OrderedDict[str, _Failures] = OrderedDict()

    async def failed(self, username: str) -> None:
        """Count one failure and wait; call it before answering."""
        await self._sleep(self._count(username))

    def succeeded(self, username: str) -> None:
        """Forget the failures of `username`."""
        self._names.pop(username, None)

    def _count(self, username: str) -> float:
        now = self._monotonic()
        failures = self._names.pop(username, None)
        if failures is None or now - failures.last > FORGET_SECONDS:
            failures = _Failures(0, now)
        failures.count += 1
        failures.last = now
        self._names[username] = failures
        if len(self._names) > MAX_NAMES:
            self._names.popitem(last=False)
        return delay_seconds(failures.count)


def delay_seconds(failures: int) -> float:
    """Doubles with each failure up to LONGEST_DELAY_SECONDS."""
    return float(min(FIRST_DELAY_SECONDS * 2 ** min(failures - 1, 16), LONGEST_DELAY_SECONDS))
