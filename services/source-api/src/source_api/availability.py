"""Whether anything can be received: a live worker, a way to it, and a usable keyset. Asked before a body is read."""

import asyncio
from collections.abc import Callable
from typing import Final

from contract.audit import EventName
from handover.producer import HandOver

from source_api.keyset import KeysetCopy

_LOOK_SECONDS: Final = 1.0


class Availability:
    """`notice` is told when workers come and go."""

    def __init__(self, hand_over: HandOver, keyset: KeysetCopy, notice: Callable[[EventName], None]) -> None:
        self._hand_over = hand_over
        self._keyset = keyset
        self._notice = notice
        self._was_open = False

    def is_open(self) -> bool:
        """True if a post would be tried now."""
        return self._keyset.is_usable and self._hand_over.is_open

    async def run(self) -> None:
        """Looks until cancelled. What the pages say does not wait for it."""
        while True:
            is_open = self.is_open()
            if is_open != self._was_open:
                self._notice(EventName.WORKER_AVAILABLE if is_open else EventName.WORKER_UNAVAILABLE)
                self._was_open = is_open
            await asyncio.sleep(_LOOK_SECONDS)
