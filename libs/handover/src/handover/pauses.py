"""Pauses between attempts: each about twice the last, with jitter, so that a fleet does not knock in step."""

import random

from handover.timings import Timings


class Pauses:
    """Back-off of one loop."""

    def __init__(self, timings: Timings) -> None:
        self._first = timings.retry
        self._most = timings.retry_most
        self._current = timings.retry

    def next(self) -> float:
        """Seconds to wait now."""
        current, self._current = self._current, min(self._most, self._current * 2)
        return current * random.uniform(0.5, 1.0)  # noqa: S311  # jitter is no secret

    def reset(self) -> None:
        """It worked: the next pause is short again."""
        self._current = self._first
