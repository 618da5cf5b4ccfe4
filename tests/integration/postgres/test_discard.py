"""Discarding uploads, the sweep of dead workers' uploads, and deletions too large for one call."""

import secrets
from uuid import uuid4

from tests.integration.postgres.conftest import Connect
from tests.integration.postgres.uploads import (
    CHUNK_BYTES,
    Connection,
    SealedItem,
    Upload,
    WorkerInstance,
    refused,
)


async def test_a_discarded_upload_leaves_nothing_and_cannot_be_stored(
    worker: WorkerInstance, owner: Connection
) -> None:
    upload = Upload([SealedItem("file", secrets.token_bytes(CHUNK_BYTES + 1))])
    await worker.open(upload)

    await worker.discard(upload)

    for table in ("pending", "pending_item", "vault_chunk", "source", "item"):
        assert await owner.fetchval(f"SELECT count(*) FROM sealdrop.{table}") == 0
    async with refused("SD001"):
        await worker.finish(upload)


async def test_discarding_a_stored_upload_changes_nothing(worker: WorkerInstance, owner: Connection) -> None:
    upload = await worker.store(Upload())

    await worker.discard(upload)

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 1


async def test_the_sweep_takes_only_uploads_of_dead_instances(
    worker: WorkerInstance, connect: Connect, owner: Connection
) -> None:
    dead = await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker"))
    alive_upload, dead_uploads = Upload(), [Upload(), Upload()]
    stored = await dead.store(Upload())
    await worker.open(alive_upload)
    for upload in dead_uploads:
        await dead.open(upload)

    assert await worker.sweep() == 0
    await dead.lock.close()
    assert await worker.sweep() == 2

    assert await owner.fetchval("SELECT array_agg(upload_id) FROM sealdrop.pending") == [alive_upload.id]
    left = await owner.fetchval("SELECT array_agg(item_id) FROM sealdrop.vault_chunk")
    assert set(left) == {stored.items[0].id, alive_upload.items[0].id}
    async with refused("SD001"):
        await dead.finish(dead_uploads[0])


async def test_a_sweep_in_the_session_that_holds_the_lock_does_not_take_its_own(worker: WorkerInstance) -> None:
    await worker.open(Upload())

    assert await worker.lock.fetchval("SELECT sealdrop.worker_sweep()") == 0


async def test_the_sweep_leaves_an_upload_whose_chunks_are_still_being_written(
    worker: WorkerInstance, connect: Connect, owner: Connection
) -> None:
    dead, upload = (
        await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker")),
        Upload(),
    )
    await dead.open(upload)
    transaction = dead.db.transaction()
    await transaction.start()
    await dead.copy([(upload.items[0].id, 1, b"more")])
    await dead.lock.close()

    assert await worker.sweep() == 0
    await transaction.commit()
    assert await worker.sweep() == 1

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 0


async def make_huge(owner: Connection, item: SealedItem) -> None:
    """Turns the item's chunks into 5,000, of one byte each: more than one call deletes."""
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")  # past the trigger
        await owner.execute(
            "INSERT INTO sealdrop.vault_chunk SELECT $1, n, 'x' FROM generate_series(1, 4999) n", item.id
        )
        await owner.execute("UPDATE sealdrop.item SET chunk_count = 5000 WHERE id = $1", item.id)


async def test_a_huge_upload_is_discarded_in_steps_and_is_not_pending_meanwhile(
    worker: WorkerInstance, owner: Connection
) -> None:
    upload = Upload()
    await worker.open(upload)
    await make_huge(owner, upload.items[0])

    await worker.discard(upload)

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 5000 - 2048
    async with refused("SD001"):
        await worker.copy([(upload.items[0].id, 9999, b"more")])
    async with refused("SD001"):
        await worker.db.execute("SELECT sealdrop.worker_item($1, $2)", upload.id, uuid4())
    async with refused("SD001"):
        await worker.finish(upload)
    assert [await worker.sweep() for _ in range(3)] == [1, 1, 0]
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 0


async def test_a_huge_item_is_gone_at_once_and_its_chunks_with_the_sweeps(
    worker: WorkerInstance, owner: Connection, journalist: Connection
) -> None:
    upload, other = await worker.store(Upload([SealedItem(), SealedItem("file")])), await worker.store(Upload())
    await make_huge(owner, upload.items[1])

    assert await journalist.fetchval("SELECT sealdrop.journalist_delete_source($1)", upload.source_id) is True

    chunks = "SELECT * FROM sealdrop.journalist_chunks($1, 0, 9)"
    assert await journalist.fetch(chunks, upload.items[1].id) == []
    while await worker.sweep():
        pass
    assert await owner.fetchval("SELECT array_agg(item_id) FROM sealdrop.vault_chunk") == [other.items[0].id]
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.pending") == 0
