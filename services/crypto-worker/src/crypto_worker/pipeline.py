"""From an upload into the vault in batches of 4 MiB, at most two in memory: one being written, one being filled."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from contract.limits import MIB

from crypto_worker.chunks import Chunk

BATCH_BYTES: Final = 4 * MIB


class Pipeline:
    """`write` stores one batch. An error of it is raised by the next call; nothing is written after one."""

    def __init__(self, write: Callable[[Sequence[Chunk]], Awaitable[None]], batch_bytes: int = BATCH_BYTES) -> None:
        self._write = write
        self._batch_bytes = batch_bytes
        self._filling: list[Chunk] = []
        self._filled_bytes = 0
        self._writing: asyncio.Task[None] | None = None

    async def put(self, chunk: Chunk) -> None:
        """Returns at once unless both batches are full. Errors: those of `write`."""
        self._filling.append(chunk)
        self._filled_bytes += len(chunk.sealed)
        if self._filled_bytes >= self._batch_bytes:
            await self._start_writing()

    def check(self) -> None:
        """Raises the error of a batch that failed meanwhile, without waiting."""
        if self._writing is not None and self._writing.done():
            self._writing.result()

    async def flush(self) -> None:
        """Returns when everything put so far is written. Errors: those of `write`."""
        if self._filling:
            await self._start_writing()
        await self._wait()

    async def close(self) -> None:
        """Stop. When this returns no batch is being written any more. Never raises."""
        self._filling.clear()
        task, self._writing = self._writing, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _start_writing(self) -> None:
        await self._wait()
        batch, self._filling, self._filled_bytes = self._filling, [], 0
        self._writing = asyncio.create_task(self._put_down(batch))

    async def _wait(self) -> None:
        """The batch under way. A failed one stays, so that every later call raises too."""
        if self._writing is not None:
            await asyncio.shield(self._writing)

    async def _put_down(self, batch: Sequence[Chunk]) -> None:
        await self._write(batch)
