"""Two connections at once: exactly one wins, nobody deadlocks, nothing is left over."""

import asyncio
import random
import secrets
from collections.abc import Awaitable

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.integration.postgres.conftest import Connect
from tests.integration.postgres.uploads import Connection, Upload, WorkerInstance, reply_to

RACES = 200


async def sqlstate_of(call: Awaitable[object]) -> str | None:
    """None when the call succeeds."""
    try:
        await call
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    return None


async def test_of_a_commit_and_a_give_up_exactly_one_wins(
    worker: WorkerInstance, source: Connection, owner: Connection
) -> None:
    winners = set()
    for _ in range(RACES):
        upload = Upload()
        await worker.open(upload)

        async def give_up(upload: Upload = upload) -> str:
            # As late as a commit's four round trips may take: both orders happen.
            await asyncio.sleep(random.random() * 0.006)
            return str(await source.fetchval("SELECT state FROM sealdrop.source_give_up($1)", upload.id))

        failure, state = await asyncio.gather(sqlstate_of(worker.finish(upload)), give_up())

        assert (failure, state) in {(None, "stored"), ("SD002", "given_up")}
        stored = await owner.fetchval("SELECT count(*) FROM sealdrop.item WHERE submission_id = $1", upload.id)
        assert stored == (1 if state == "stored" else 0)
        winners.add(state)
    assert winners == {"stored", "given_up"}


async def test_giving_up_waits_for_a_commit_in_flight(worker: WorkerInstance, source: Connection) -> None:
    upload = Upload()
    await worker.open(upload)
    transaction = worker.db.transaction()
    await transaction.start()
    await worker.commit(upload, (await worker.reserve(upload))[1])

    call = source.fetchval("SELECT state FROM sealdrop.source_give_up($1)", upload.id)
    give_up = asyncio.create_task(call)
    done, _ = await asyncio.wait({give_up}, timeout=0.2)
    assert not done
    await transaction.commit()

    assert await give_up == "stored"


async def test_a_commit_that_fails_lets_a_waiting_give_up_win(worker: WorkerInstance, source: Connection) -> None:
    upload = Upload()
    await worker.open(upload)
    transaction = worker.db.transaction()
    await transaction.start()
    await worker.commit(upload, (await worker.reserve(upload))[1])

    call = source.fetchval("SELECT state FROM sealdrop.source_give_up($1)", upload.id)
    give_up = asyncio.create_task(call)
    await asyncio.sleep(0.05)
    await transaction.rollback()

    assert await give_up == "given_up"


@pytest.mark.parametrize("same_id", [True, False])
async def test_of_two_first_commits_of_one_lookup_id_one_makes_the_source(
    worker: WorkerInstance, connect: Connect, owner: Connection, same_id: bool
) -> None:
    second_worker = await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker"))
    for _ in range(20):
        one = Upload()
        two = Upload().after(one) if same_id else Upload(lookup_id=one.lookup_id)
        await worker.open(one)
        await second_worker.open(two)

        failures = await asyncio.gather(sqlstate_of(worker.finish(one)), sqlstate_of(second_worker.finish(two)))

        assert sorted(failures, key=str) == ([None, None] if same_id else [None, "SD005"])
        count = "SELECT count(*) FROM sealdrop.source WHERE lookup_id = $1"
        assert await owner.fetchval(count, one.lookup_id) == 1


async def test_submissions_and_replies_of_one_source_at_once_get_each_position_once(
    worker: WorkerInstance, connect: Connect, owner: Connection
) -> None:
    first = await worker.store(Upload())
    workers = [
        await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker")) for _ in range(6)
    ]

    async def store_some(instance: WorkerInstance) -> None:
        for _ in range(5):
            await instance.store(Upload().after(first) if random.random() < 0.5 else reply_to(first))

    await asyncio.gather(*map(store_some, workers))

    positions = await owner.fetchval("SELECT array_agg(position ORDER BY position) FROM sealdrop.item")
    assert positions == list(range(1, 32))


async def test_new_sources_that_draw_one_designation_at_once_get_different_ones(
    worker: WorkerInstance, connect: Connect, owner: Connection
) -> None:
    workers = [
        await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker")) for _ in range(4)
    ]
    names = [secrets.token_hex(4) for _ in range(4)]

    await asyncio.gather(*(instance.store(Upload(designations=names)) for instance in workers))

    assert set(await owner.fetchval("SELECT array_agg(designation) FROM sealdrop.source")) == set(names)


async def test_items_of_one_submission_deleted_at_once_take_its_receipt_along(
    worker: WorkerInstance, connect: Connect, owner: Connection
) -> None:
    readers = [await connect("sealdrop_journalist") for _ in range(2)]
    for _ in range(10):
        upload = await worker.store(Upload([Upload().items[0], Upload().items[0]]))

        delete = "SELECT sealdrop.journalist_delete_item($1)"
        await asyncio.gather(*(db.execute(delete, item.id) for db, item in zip(readers, upload.items, strict=True)))

        assert await owner.fetchval("SELECT count(*) FROM sealdrop.receipt") == 0


async def test_a_source_deleted_during_commits_leaves_no_chunk_behind(
    worker: WorkerInstance, journalist: Connection, owner: Connection
) -> None:
    for _ in range(20):
        first = await worker.store(Upload())
        reply = reply_to(first)
        await worker.open(reply)

        delete = journalist.execute("SELECT sealdrop.journalist_delete_source($1)", first.source_id)
        failure, _ = await asyncio.gather(sqlstate_of(worker.finish(reply)), delete)

        assert failure in {None, "SD003"}
        await worker.discard(reply)
        assert await owner.fetchval("SELECT count(*) FROM sealdrop.vault_chunk") == 0
