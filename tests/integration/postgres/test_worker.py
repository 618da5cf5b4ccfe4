"""The worker's functions: an upload from worker_open to worker_commit, and everything they refuse."""

import secrets
from uuid import uuid4

import pytest

from tests.integration.postgres.uploads import (
    CHUNK_BYTES,
    Connection,
    SealedItem,
    Upload,
    WorkerInstance,
    refused,
    reply_to,
)


async def test_a_stored_upload_has_its_items_its_receipt_its_outcome_and_no_pending_rows(
    worker: WorkerInstance, owner: Connection
) -> None:
    upload = Upload([SealedItem("message"), SealedItem("file", secrets.token_bytes(2 * CHUNK_BYTES + 1))])

    await worker.open(upload)
    assert await worker.finish(upload) == (True, 1)

    items = await owner.fetch("SELECT * FROM sealdrop.item ORDER BY position")
    assert [(row["id"], row["kind"], row["position"]) for row in items] == [
        (upload.items[0].id, "message", 1),
        (upload.items[1].id, "file", 2),
    ]
    assert items[1]["chunk_count"] == 3
    assert await owner.fetchval("SELECT body FROM sealdrop.receipt WHERE submission_id = $1", upload.id) == b"receipt"
    outcome = await owner.fetchrow("SELECT state, receipt, card FROM sealdrop.outcome WHERE upload_id = $1", upload.id)
    assert tuple(outcome) == ("stored", b"receipt", b"card")
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.pending") == 0
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.pending_item") == 0
    day = "(SELECT newest_day = (now() AT TIME ZONE 'UTC')::date FROM sealdrop.source)"
    assert await owner.fetchval(f"SELECT {day}") is True


async def test_positions_go_on_through_submissions_and_replies_and_are_not_used_twice(
    worker: WorkerInstance, journalist: Connection
) -> None:
    first = await worker.store(Upload([SealedItem(), SealedItem("file")]))
    reply = reply_to(first)
    await worker.open(reply)
    assert await worker.finish(reply) == (False, 3)

    await journalist.execute("SELECT sealdrop.journalist_delete_item($1)", reply.items[0].id)
    later = Upload().after(first)
    await worker.open(later)

    assert await worker.finish(later) == (False, 4)


async def test_the_last_transaction_is_synchronous_though_the_connection_was_not(worker: WorkerInstance) -> None:
    upload = Upload()
    await worker.db.execute("SET synchronous_commit = off")
    await worker.open(upload)

    async with worker.db.transaction():
        await worker.commit(upload, (await worker.reserve(upload))[1])
        assert await worker.db.fetchval("SHOW synchronous_commit") == "on"


async def test_a_reply_leaves_the_newest_day_alone(worker: WorkerInstance, owner: Connection) -> None:
    first = await worker.store(Upload())
    await owner.execute("UPDATE sealdrop.source SET newest_day = '2020-01-01'")

    await worker.store(reply_to(first))
    assert str(await owner.fetchval("SELECT newest_day FROM sealdrop.source")) == "2020-01-01"

    await worker.store(Upload().after(first))
    assert str(await owner.fetchval("SELECT newest_day FROM sealdrop.source")) != "2020-01-01"


async def test_opening_is_refused_without_the_instance_lock(worker: WorkerInstance) -> None:
    async with refused("SD006"):
        await worker.db.execute("SELECT sealdrop.worker_open($1, $2)", uuid4(), worker.instance ^ 1)

    await worker.lock.execute("SELECT pg_advisory_unlock($1)", worker.instance)
    async with refused("SD006"):
        await worker.open(Upload())


async def test_an_upload_opens_once(worker: WorkerInstance, source: Connection) -> None:
    pending, stored = Upload(), Upload()
    await worker.open(pending)
    await worker.store(stored)

    for upload in (pending, stored):
        async with refused("SD007"):
            await worker.db.execute("SELECT sealdrop.worker_open($1, $2)", upload.id, worker.instance)

    await source.execute("SELECT sealdrop.source_settled($1)", stored.id)
    async with refused("SD007"):
        await worker.db.execute("SELECT sealdrop.worker_open($1, $2)", stored.id, worker.instance)


async def test_an_upload_that_was_given_up_does_not_open(worker: WorkerInstance, source: Connection) -> None:
    upload = Upload()
    await source.execute("SELECT sealdrop.source_give_up($1)", upload.id)

    async with refused("SD002"):
        await worker.open(upload)


async def test_an_item_needs_a_pending_upload_and_an_unused_id(worker: WorkerInstance) -> None:
    stored, pending = await worker.store(Upload()), Upload()
    await worker.open(pending)

    async with refused("SD001"):
        await worker.db.execute("SELECT sealdrop.worker_item($1, $2)", uuid4(), uuid4())
    for known in (stored.items[0].id, pending.items[0].id):
        async with refused("SD007"):
            await worker.db.execute("SELECT sealdrop.worker_item($1, $2)", pending.id, known)


async def test_chunks_are_refused_for_items_that_are_not_pending(worker: WorkerInstance) -> None:
    stored = await worker.store(Upload())

    for item in (stored.items[0].id, uuid4()):
        async with refused("SD001"):
            await worker.copy([(item, 7, b"stray")])


@pytest.mark.parametrize(
    "changes",
    [
        {"chunk_count": 2},
        {"payload_bytes": 999},
        {"payload_bytes": None},
        {"position": 2},
        {"position": None},
        {"kind": "reply"},
        {"kind": None},
        {"item_id": "00000000-0000-4000-8000-000000000000"},
        {"item_id": None},
    ],
    ids=str,
)
async def test_an_item_that_is_not_as_announced_is_a_mismatch(
    worker: WorkerInstance, owner: Connection, changes: dict[str, object]
) -> None:
    upload = Upload()
    await worker.open(upload)

    async with refused("SD004"):
        await worker.finish(upload, [upload.items[0].row(1, **changes)])

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.source") == 0
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.outcome") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"item_id": "secret"},
        {"position": "secret"},
        {"header": "!secret!"},
        {"payload_sha256": "secret"},
        {"file_sha256": "00"},
        {"size_class": 0},
        {"size_class": None},
        {"size_class": 10**30},
    ],
    ids=str,
)
async def test_a_malformed_field_is_refused_without_being_quoted(
    worker: WorkerInstance, changes: dict[str, object]
) -> None:
    upload = Upload()
    await worker.open(upload)

    async with refused("SD009"):
        await worker.finish(upload, [upload.items[0].row(1, **changes)])


async def test_items_left_out_or_told_twice_are_a_mismatch(worker: WorkerInstance) -> None:
    upload = Upload([SealedItem(), SealedItem("file")])
    await worker.open(upload)
    first, second = upload.items

    for rows in ([], [first.row(1)], [first.row(1), first.row(2)], [first.row(1), second.row(1)]):
        async with refused("SD004"):
            await worker.finish(upload, rows)


@pytest.mark.parametrize("lengths", [[CHUNK_BYTES - 1, 5], [5, CHUNK_BYTES]], ids=str)
async def test_a_chunk_before_the_last_must_be_full(worker: WorkerInstance, lengths: list[int]) -> None:
    upload = Upload([SealedItem("file", b"")])
    await worker.open(upload)
    item = upload.items[0]
    await worker.copy([(item.id, seq, bytes(length)) for seq, length in enumerate(lengths)])

    async with refused("SD004"):
        await worker.finish(upload, [item.row(1, payload_bytes=sum(lengths), chunk_count=2)])


async def test_a_gap_between_chunks_is_a_mismatch(worker: WorkerInstance) -> None:
    upload = Upload([SealedItem("file", b"")])
    await worker.open(upload)
    item = upload.items[0]
    await worker.copy([(item.id, 0, bytes(CHUNK_BYTES)), (item.id, 2, b"end")])

    async with refused("SD004"):
        await worker.finish(upload, [item.row(1, payload_bytes=CHUNK_BYTES + 3, chunk_count=2)])


async def test_a_chunk_larger_than_a_chunk_is_refused(worker: WorkerInstance) -> None:
    upload = Upload()
    await worker.open(upload)

    async with refused("23514", quoting=True):
        await worker.copy([(upload.items[0].id, 1, bytes(CHUNK_BYTES + 1))])


async def test_a_reply_is_one_item_of_kind_reply(worker: WorkerInstance) -> None:
    first = await worker.store(Upload())
    two = Upload([SealedItem("reply"), SealedItem("reply")]).after(first, "reply")
    message = Upload([SealedItem("message")]).after(first, "reply")

    for upload in (two, message):
        await worker.open(upload)
        async with refused("SD004"):
            await worker.finish(upload)


async def test_a_lookup_id_belongs_to_one_source_and_one_recipient(worker: WorkerInstance) -> None:
    first = await worker.store(Upload())
    other_id = Upload(lookup_id=first.lookup_id)
    other_lookup = Upload(source_id=first.source_id)
    other_recipient = Upload(source_id=first.source_id, lookup_id=first.lookup_id, recipient="age1pqother")

    for upload in (other_id, other_lookup, other_recipient):
        await worker.open(upload)
        async with refused("SD005"):
            await worker.finish(upload)


async def test_the_first_free_designation_is_taken(worker: WorkerInstance, owner: Connection) -> None:
    await worker.store(Upload(designations=["amber kettle"]))
    await worker.store(Upload(designations=["amber kettle", "dawn spoon"]))

    assert await owner.fetchval("SELECT count(*) FROM sealdrop.source WHERE designation = 'dawn spoon'") == 1
    full = Upload(designations=["amber kettle", "dawn spoon"])
    await worker.open(full)
    async with refused("SD008"):
        await worker.finish(full)


async def test_replies_need_their_source_and_commits_their_pending_row(worker: WorkerInstance) -> None:
    lost = reply_to(Upload())
    await worker.open(lost)
    async with refused("SD003"):
        await worker.finish(lost)

    never_opened = Upload()
    async with refused("SD001"):
        await worker.finish(never_opened)
