"""Codename to keys, off the event loop and bounded: each derivation takes 64 MiB and a quarter of a second.

Theory: who floods the log-in page fills this queue and nothing else; beyond it the answer is "busy", at once.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sealing.codename import SourceKeys, derive, generate, kdf_salt, words_needed

__all__ = ["Derivation", "SourceKeys", "TooBusy"]

AT_ONCE: Final = 2
WAITING: Final = 16


class TooBusy(Exception):
    """The queue is full."""


class Derivation:
    """Two threads and a queue of sixteen."""

    def __init__(
        self,
        words: Sequence[str],
        deployment_id: str,
        pepper: bytes,
        derive: Callable[[str, bytes, bytes], SourceKeys] = derive,
    ) -> None:
        self.words = tuple(words)
        self.word_count = words_needed(len(words))
        self._salt = kdf_salt(deployment_id)
        self._pepper = pepper
        self._derive = derive
        self._pool = ThreadPoolExecutor(AT_ONCE, "codename")
        self._under_way = 0

    def fresh_codename(self) -> str:
        """Drawn from the list, with at least 100 random bits."""
        return generate(self.words, self.word_count)

    async def keys(self, codename: str) -> SourceKeys:
        """Errors: TooBusy."""
        if self._under_way >= AT_ONCE + WAITING:
            raise TooBusy
        self._under_way += 1
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, self._derive, codename, self._salt, self._pepper)
        future.add_done_callback(self._on_done)
        return await asyncio.shield(future)  # a visitor who left does not free the thread earlier

    def close(self) -> None:
        """What waits is dropped; what runs ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _on_done(self, _: "asyncio.Future[SourceKeys]") -> None:
        self._under_way -= 1
