"""Batches on their way into the vault: bounded, in order, and stopped for certain."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from crypto_worker.chunks import Chunk
from crypto_worker.errors import StoreError
from crypto_worker.pipeline import Pipeline


class SlowVault:
    """Writes a batch when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = 0
        self.gate = asyncio.Semaphore(0)
        self.fails = False

    async def write(self, chunks: Sequence[Chunk]) -> None:
        self.begun += 1
        await self.gate.acquire()
        if self.fails:
            raise StoreError("no")
        self.batches.append([chunk.seq for chunk in chunks])


def chunk(seq: int) -> Chunk:
    return Chunk(UUID(int=1), seq, bytes(10))


async def test_chunks_arrive_in_batches_and_in_order() -> None:
    vault = SlowVault()
    pipeline = Pipeline(vault.write, batch_bytes=20)
    for _ in range(3):
        vault.gate.release()

    for seq in range(5):
        await pipeline.put(chunk(seq))
    await pipeline.flush()

    assert vault.batches == [[0, 1], [2, 3], [4]]


async def test_third_batch_waits_for_the_first() -> None:
    vault = SlowVault()
    pipeline = Pipeline(vault.write, batch_bytes=20)
    for seq in range(3):
        await pipeline.put(chunk(seq))

    fourth = asyncio.create_task(pipeline.put(chunk(3)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not fourth.done()
    assert vault.begun == 1

    vault.gate.release()
    await fourth
    await pipeline.close()
    assert vault.batches == [[0, 1]]


async def test_failed_batch_fails_every_later_call() -> None:
    vault = SlowVault()
    vault.fails = True
    pipeline = Pipeline(vault.write, batch_bytes=20)
    await pipeline.put(chunk(0))
    await pipeline.put(chunk(1))
    vault.gate.release()
    for _ in range(3):
        await asyncio.sleep(0)

    with pytest.raises(StoreError):
        pipeline.check()
    for _ in range(2):
        with pytest.raises(StoreError):
            await pipeline.flush()
    assert vault.begun == 1
    await pipeline.close()


async def test_closing_stops_the_batch_under_way() -> None:
    vault = SlowVault()
    pipeline = Pipeline(vault.write, batch_bytes=20)
    await pipeline.put(chunk(0))
    await pipeline.put(chunk(1))
    await asyncio.sleep(0)

    await pipeline.close()
    vault.gate.release()
    await asyncio.sleep(0)

    assert vault.begun == 1
    assert vault.batches == []


async def test_closing_twice_and_without_work_is_fine() -> None:
    pipeline = Pipeline(SlowVault().write)

    await pipeline.close()
    await pipeline.close()
