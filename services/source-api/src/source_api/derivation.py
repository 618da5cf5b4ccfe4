"""Codename to keys, off the event loop and bounded: each derivation takes 64 MiB and a quarter of a second.

Theory: who floods the log-in page fills the queue of log-ins and nothing else; beyond it the answer is "busy", at once.
Newcomers, who need a codename before they can send, have a queue and a thread of their own.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from sealing.codename import SourceKeys, derive, generate, kdf_salt, words_needed

__all__ = ["Derivation", "SourceKeys", "TooBusy"]

AT_ONCE: Final = 2  #: log-ins
NEW_AT_ONCE: Final = 1
WAITING: Final = 16  #: in each of the two queues


class TooBusy(Exception):
    """The queue is full."""


class Derivation:
    """Three threads and two queues of sixteen."""

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
        self._log_ins = _Queue(AT_ONCE)
        self._newcomers = _Queue(NEW_AT_ONCE)

    async def keys(self, codename: str) -> SourceKeys:
        """Of a typed codename. Errors: TooBusy."""
        return await self._log_ins.run(self._derive, codename, self._salt, self._pepper)

    async def fresh(self) -> tuple[str, SourceKeys]:
        """A codename drawn from the list, with at least 100 random bits, and its keys. Errors: TooBusy."""
        codename = generate(self.words, self.word_count)
        return codename, await self._newcomers.run(self._derive, codename, self._salt, self._pepper)

    def close(self) -> None:
        """What waits is dropped; what runs ends by itself."""
        self._log_ins.close()
        self._newcomers.close()


class _Queue:
    """So many threads, and sixteen who wait for one."""

    def __init__(self, at_once: int) -> None:
        self._room = at_once + WAITING
        self._pool = ThreadPoolExecutor(at_once, "codename")
        self._under_way = 0

    async def run(self, derive: Callable[[str, bytes, bytes], SourceKeys], *arguments: Any) -> SourceKeys:
        """Errors: TooBusy."""
        if self._under_way >= self._room:
            raise TooBusy
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, derive, *arguments)
        future.add_done_callback(self._on_done)
        return await asyncio.shield(future)  # a visitor who left does not free the thread earlier

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _on_done(self, _: "asyncio.Future[SourceKeys]") -> None:
        self._under_way -= 1
