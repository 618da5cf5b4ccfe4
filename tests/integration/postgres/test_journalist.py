"""The journalists' functions: reading, deleting, accounts and sessions; and the operator's."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from tests.integration.postgres.uploads import (
    CHUNK_BYTES,
    HEADER,
    Connection,
    SealedItem,
    Upload,
    WorkerInstance,
    refused,
    reply_to,
)

HASH = "$argon2id$v=19$m=65536,t=3,p=1$c2FsdA$aGFzaA"


async def add_journalist(admin: Connection, username: str = "ada", passphrase_hash: str = HASH) -> UUID:
    journalist = uuid4()
    call = "SELECT sealdrop.admin_add_journalist($1, $2, $3, $4, $5)"
    await admin.execute(call, journalist, username, passphrase_hash, b"sealed totp", True)
    return journalist


async def test_sources_are_listed_with_their_day_and_number_of_items(
    worker: WorkerInstance, journalist: Connection
) -> None:
    upload = await worker.store(Upload([SealedItem(), SealedItem("file")], designations=["amber kettle"]))

    (row,) = await journalist.fetch("SELECT * FROM sealdrop.journalist_sources()")
    day = datetime.now(UTC).date()
    expected = (upload.source_id, "amber kettle", upload.recipient, upload.card, day, False, 2)
    assert tuple(row) == expected


async def test_items_are_listed_in_the_order_of_the_conversation(
    worker: WorkerInstance, journalist: Connection
) -> None:
    upload = await worker.store(Upload())
    reply = await worker.store(reply_to(upload))

    rows = await journalist.fetch("SELECT * FROM sealdrop.journalist_items($1)", upload.source_id)
    assert [(row["item_id"], row["submission_id"], row["kind"], row["position"]) for row in rows] == [
        (upload.items[0].id, upload.id, "message", 1),
        (reply.items[0].id, reply.id, "reply", 2),
    ]
    assert rows[0]["file_bytes"] == len(HEADER) + len(upload.items[0].payload)
    item = await journalist.fetchrow("SELECT * FROM sealdrop.journalist_item($1)", upload.items[0].id)
    assert tuple(item) == (*tuple(rows[0]), HEADER, upload.designations[0])


async def test_chunks_are_read_by_range_and_only_of_stored_items(
    worker: WorkerInstance, journalist: Connection
) -> None:
    payload = secrets.token_bytes(3 * CHUNK_BYTES + 1)
    upload = await worker.store(Upload([SealedItem("file", payload)]))
    pending = Upload()
    await worker.open(pending)

    chunks = "SELECT seq, sealed FROM sealdrop.journalist_chunks($1, $2, $3)"
    rows = await journalist.fetch(chunks, upload.items[0].id, 1, 3)
    assert [row["seq"] for row in rows] == [1, 2]
    assert b"".join(row["sealed"] for row in rows) == payload[CHUNK_BYTES : 3 * CHUNK_BYTES]
    assert await journalist.fetch(chunks, pending.items[0].id, 0, 9) == []


async def test_the_receipt_goes_with_the_last_item_of_its_submission(
    worker: WorkerInstance, journalist: Connection, owner: Connection
) -> None:
    upload = await worker.store(Upload([SealedItem(), SealedItem("file")]))
    delete, receipt = "SELECT sealdrop.journalist_delete_item($1)", "SELECT sealdrop.journalist_receipt($1)"

    assert await journalist.fetchval(delete, upload.items[0].id) is True
    assert await journalist.fetchval(receipt, upload.id) == b"receipt"
    assert await journalist.fetchval(delete, upload.items[1].id) is True
    assert await journalist.fetchval(receipt, upload.id) is None

    assert await journalist.fetchval(delete, upload.items[1].id) is False
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 0


async def test_a_deleted_source_leaves_nothing_and_touches_no_other(
    worker: WorkerInstance, journalist: Connection, owner: Connection
) -> None:
    upload, other = await worker.store(Upload()), await worker.store(Upload())
    await worker.store(reply_to(upload))

    assert await journalist.fetchval("SELECT sealdrop.journalist_delete_source($1)", upload.source_id) is True
    assert await journalist.fetchval("SELECT sealdrop.journalist_delete_source($1)", upload.source_id) is False

    assert await owner.fetchval("SELECT array_agg(item_id) FROM sealdrop.vault_chunk") == [other.items[0].id]
    for table in ("source", "item", "receipt"):
        assert await owner.fetchval(f"SELECT count(*) FROM sealdrop.{table}") == 1


async def test_a_source_deleted_during_an_upload_is_made_anew_by_its_commit(
    worker: WorkerInstance, journalist: Connection
) -> None:
    first = await worker.store(Upload())
    later = Upload().after(first)
    await worker.open(later)
    await journalist.execute("SELECT sealdrop.journalist_delete_source($1)", first.source_id)

    assert await worker.finish(later) == (True, 1)


async def test_the_fence_holds_for_replies(worker: WorkerInstance, journalist: Connection) -> None:
    upload = await worker.store(Upload())
    reply, late = reply_to(upload), reply_to(upload)
    await worker.store(reply)
    await worker.open(late)

    give_up = "SELECT * FROM sealdrop.journalist_give_up($1)"
    assert tuple(await journalist.fetchrow(give_up, reply.id)) == ("stored", b"reply receipt")
    assert tuple(await journalist.fetchrow(give_up, late.id)) == ("given_up", None)
    async with refused("SD002"):
        await worker.finish(late)
    await journalist.execute("SELECT sealdrop.journalist_settled($1)", reply.id)


async def test_an_account_is_read_by_its_name(admin: Connection, journalist: Connection) -> None:
    added = await add_journalist(admin)

    row = await journalist.fetchrow("SELECT * FROM sealdrop.journalist_credentials($1)", "ada")
    assert tuple(row) == (added, HASH, b"sealed totp", 0, True)
    assert await journalist.fetchrow("SELECT * FROM sealdrop.journalist_credentials($1)", "bob") is None


async def test_an_account_needs_a_new_and_plain_name_and_an_argon2id_hash(admin: Connection) -> None:
    await add_journalist(admin)

    async with refused("SD007"):
        await add_journalist(admin)
    for username, passphrase_hash in (("Ada!", HASH), ("", HASH), ("bob", "in the clear")):
        async with refused("SD009"):
            await add_journalist(admin, username, passphrase_hash)


async def test_a_totp_step_is_used_once_and_none_before_it(admin: Connection, journalist: Connection) -> None:
    ada = await add_journalist(admin)

    steps = (5, 5, 4, 6)
    used = [await journalist.fetchval("SELECT sealdrop.journalist_use_step($1, $2)", ada, step) for step in steps]
    assert used == [True, False, False, True]


async def test_a_session_ends_by_idleness_by_expiry_and_by_closing(admin: Connection, journalist: Connection) -> None:
    ada = await add_journalist(admin)
    lasting, idle, expired = (secrets.token_bytes(32) for _ in range(3))
    hour, moment = timedelta(hours=1), timedelta(milliseconds=1)
    for token, expires, idle_for in ((lasting, hour, hour), (idle, hour, moment), (expired, moment, hour)):
        call = "SELECT sealdrop.journalist_session_open($1, $2, $3, $4)"
        await journalist.execute(call, ada, token, datetime.now(UTC) + expires, idle_for)
    await asyncio.sleep(0.05)  # the database's own clock decides

    touch = "SELECT * FROM sealdrop.journalist_session_touch($1)"
    assert tuple(await journalist.fetchrow(touch, lasting)) == (ada, "ada", True)
    assert await journalist.fetchrow(touch, idle) is None
    assert await journalist.fetchrow(touch, expired) is None
    await journalist.execute("SELECT sealdrop.journalist_session_close($1)", lasting)
    assert await journalist.fetchrow(touch, lasting) is None


async def test_a_session_of_nobody_is_refused(journalist: Connection) -> None:
    hour = timedelta(hours=1)
    async with refused("SD009"):
        call = "SELECT sealdrop.journalist_session_open($1, $2, $3, $4)"
        await journalist.execute(call, uuid4(), secrets.token_bytes(32), datetime.now(UTC) + hour, hour)


async def test_an_outcome_goes_at_the_second_sweep_unless_its_upload_is_pending(
    worker: WorkerInstance, source: Connection, admin: Connection, owner: Connection
) -> None:
    pending, forgotten = Upload(), uuid4()
    await worker.open(pending)
    for upload in (pending.id, forgotten):
        await source.execute("SELECT sealdrop.source_give_up($1)", upload)

    assert await admin.fetchval("SELECT sealdrop.admin_sweep_outcomes()") == 0
    assert await admin.fetchval("SELECT sealdrop.admin_sweep_outcomes()") == 1
    assert await owner.fetchval("SELECT array_agg(upload_id) FROM sealdrop.outcome") == [pending.id]
    await worker.discard(pending)
    assert await admin.fetchval("SELECT sealdrop.admin_sweep_outcomes()") == 1


async def test_what_is_stored_is_never_called_given_up_however_late_the_question(
    admin: Connection, worker: WorkerInstance, source: Connection, owner: Connection
) -> None:
    upload = await worker.store(Upload())
    await admin.fetchval("SELECT sealdrop.admin_sweep_outcomes()")
    await admin.fetchval("SELECT sealdrop.admin_sweep_outcomes()")
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.outcome") == 0

    answers = [await source.fetchrow("SELECT * FROM sealdrop.source_give_up($1)", upload.id) for _ in range(2)]

    assert [answer["state"] for answer in answers] == ["stored", "stored"]
    assert answers[0]["receipt"] == await owner.fetchval("SELECT body FROM sealdrop.receipt")
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.outcome") == 0
