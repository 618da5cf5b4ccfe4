"""The source's functions: the lookup id opens one source and nothing of another; and the fence."""

import secrets
from uuid import uuid4

from tests.integration.postgres.uploads import (
    CHUNK_BYTES,
    HEADER,
    Connection,
    SealedItem,
    Upload,
    WorkerInstance,
    reply_to,
)


async def test_a_source_is_found_by_its_lookup_id_only(worker: WorkerInstance, source: Connection) -> None:
    upload = await worker.store(Upload())

    row = await source.fetchrow("SELECT * FROM sealdrop.source_find($1)", upload.lookup_id)
    assert tuple(row) == (upload.source_id, upload.recipient, upload.card)
    assert await source.fetchrow("SELECT * FROM sealdrop.source_find($1)", secrets.token_bytes(32)) is None


async def test_replies_are_listed_newest_first_and_submissions_are_not(
    worker: WorkerInstance, source: Connection
) -> None:
    upload = await worker.store(Upload())
    older, newer = reply_to(upload, receipt=b"older"), reply_to(upload, receipt=b"newer")
    await worker.store(older)
    await worker.store(newer)

    rows = await source.fetch("SELECT * FROM sealdrop.source_replies($1)", upload.lookup_id)
    assert [tuple(row) for row in rows] == [
        (newer.items[0].id, 3, 16384, b"newer"),
        (older.items[0].id, 2, 16384, b"older"),
    ]


async def test_a_reply_is_read_whole(worker: WorkerInstance, source: Connection) -> None:
    upload = await worker.store(Upload())
    reply = await worker.store(reply_to(upload, secrets.token_bytes(2 * CHUNK_BYTES + 17)))

    row = await source.fetchrow("SELECT * FROM sealdrop.source_reply($1, $2)", upload.lookup_id, reply.items[0].id)
    assert tuple(row) == (HEADER, reply.receipt, reply.items[0].payload)


async def test_neither_anothers_reply_nor_ones_own_submission_is_given_out_or_deleted(
    worker: WorkerInstance, source: Connection, owner: Connection
) -> None:
    mine, other = await worker.store(Upload()), await worker.store(Upload())
    other_reply = await worker.store(reply_to(other))

    for item in (other_reply.items[0].id, mine.items[0].id, uuid4()):
        read = await source.fetchrow("SELECT * FROM sealdrop.source_reply($1, $2)", mine.lookup_id, item)
        deleted = await source.fetchval("SELECT sealdrop.source_delete_reply($1, $2)", mine.lookup_id, item)
        assert (read, deleted) == (None, False)
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.item") == 3


async def test_a_reply_over_one_mebibyte_is_not_given_out(worker: WorkerInstance, source: Connection) -> None:
    upload = await worker.store(Upload())
    reply = await worker.store(reply_to(upload, bytes(4 * CHUNK_BYTES + 1)))

    read = await source.fetchrow("SELECT * FROM sealdrop.source_reply($1, $2)", upload.lookup_id, reply.items[0].id)
    assert read is None


async def test_a_deleted_reply_leaves_no_chunk_and_no_receipt(
    worker: WorkerInstance, source: Connection, owner: Connection
) -> None:
    upload = await worker.store(Upload())
    reply = await worker.store(reply_to(upload))

    delete = ("SELECT sealdrop.source_delete_reply($1, $2)", upload.lookup_id, reply.items[0].id)
    assert await source.fetchval(*delete) is True
    assert await source.fetchval(*delete) is False

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 1
    assert await owner.fetchval("SELECT array_agg(submission_id) FROM sealdrop.receipt") == [upload.id]


async def test_giving_up_after_a_commit_answers_with_what_is_stored(worker: WorkerInstance, source: Connection) -> None:
    upload = await worker.store(Upload())

    row = await source.fetchrow("SELECT * FROM sealdrop.source_give_up($1)", upload.id)
    assert tuple(row) == ("stored", b"receipt", b"card")


async def test_giving_up_is_final_and_may_be_repeated(worker: WorkerInstance, source: Connection) -> None:
    upload = Upload([SealedItem()])
    await worker.open(upload)

    for _ in range(2):
        row = await source.fetchrow("SELECT * FROM sealdrop.source_give_up($1)", upload.id)
        assert tuple(row) == ("given_up", None, None)


async def test_settling_forgets_a_stored_outcome_and_keeps_one_given_up(
    worker: WorkerInstance, source: Connection, owner: Connection
) -> None:
    stored, given_up = await worker.store(Upload()), uuid4()
    await source.execute("SELECT sealdrop.source_give_up($1)", given_up)

    for upload in (stored.id, given_up, uuid4()):
        await source.execute("SELECT sealdrop.source_settled($1)", upload)

    assert await owner.fetchval("SELECT array_agg(upload_id) FROM sealdrop.outcome") == [given_up]
