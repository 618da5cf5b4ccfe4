"""The nightly rewrite: everything stays, nothing tells when it came, and nobody who waits sees an empty table."""

import asyncio
import secrets

from ctl.nightly import rewrite

from tests.integration.postgres.conftest import Connect
from tests.integration.postgres.uploads import CHUNK_BYTES, Connection, SealedItem, Upload, WorkerInstance, refused

TABLES = ("source", "item", "receipt", "vault_chunk", "pending", "pending_item", "outcome")


async def contents(owner: Connection) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    return {
        table: sorted(row["line"] for row in await owner.fetch(f"SELECT t::text AS line FROM sealdrop.{table} t"))
        for table in TABLES
    }


async def until_blocked(owner: Connection, number: int) -> None:
    """Returns when so many statements wait for a lock."""
    for _ in range(1000):
        if await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") >= number:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")


async def test_every_row_is_kept_and_all_have_one_version(
    worker: WorkerInstance, admin: Connection, owner: Connection
) -> None:
    for _ in range(5):
        await worker.store(Upload([SealedItem(), SealedItem("file", secrets.token_bytes(2 * CHUNK_BYTES + 1))]))
    await worker.open(Upload())
    before = await contents(owner)

    await rewrite(admin)

    assert await contents(owner) == before
    for table in TABLES:
        assert await owner.fetchval(f"SELECT count(DISTINCT xmin::text) FROM sealdrop.{table}") == 1


async def test_an_upload_goes_on_after_it(worker: WorkerInstance, admin: Connection) -> None:
    upload = Upload()
    await worker.open(upload)

    await rewrite(admin)

    assert await worker.finish(upload) == (True, 1)


async def test_a_stray_chunk_is_refused_after_it(worker: WorkerInstance, admin: Connection) -> None:
    await rewrite(admin)

    async with refused("SD001"):
        await worker.copy(SealedItem().chunks)


async def test_who_waits_for_it_reads_what_was_there(
    worker: WorkerInstance, admin: Connection, owner: Connection, connect: Connect
) -> None:
    upload = await worker.store(Upload())
    late = Upload()
    await worker.open(late)
    item, source = upload.items[0].id, upload.source_id
    questions = [
        ("sealdrop_source", "SELECT source_id FROM sealdrop.source_find($1)", upload.lookup_id),
        ("sealdrop_journalist", "SELECT id FROM sealdrop.journalist_sources() WHERE id = $1", source),
        ("sealdrop_journalist", "SELECT item_id FROM sealdrop.journalist_items($1)", source),
        ("sealdrop_journalist", "SELECT item_id FROM sealdrop.journalist_item($1)", item),
        ("sealdrop_journalist", "SELECT seq FROM sealdrop.journalist_chunks($1, 0, 1)", item),
        ("sealdrop_journalist", "SELECT sealdrop.journalist_receipt($1)", upload.id),
    ]
    connections = [await connect(role) for role, _, _ in questions]

    async with admin.transaction():
        await admin.execute("SELECT sealdrop.admin_rewrite(), sealdrop.admin_rewrite_vault()")
        reading = [
            asyncio.create_task(one.fetchval(query, argument))
            for one, (_, query, argument) in zip(connections, questions, strict=True)
        ]
        committing = asyncio.create_task(worker.finish(late))
        await until_blocked(owner, len(questions) + 1)

    assert await asyncio.gather(*reading) == [source, source, item, item, 0, upload.receipt]
    assert await committing == (True, 1)


async def test_a_commit_that_waits_for_the_vault_finds_its_chunks(
    worker: WorkerInstance, admin: Connection, owner: Connection
) -> None:
    upload = Upload()
    await worker.open(upload)

    async with admin.transaction():
        await admin.execute("SELECT sealdrop.admin_rewrite_vault()")
        committing = asyncio.create_task(worker.finish(upload))
        await until_blocked(owner, 1)

    assert await committing == (True, 1)
