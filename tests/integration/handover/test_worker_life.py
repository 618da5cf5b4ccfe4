"""A worker that starts, stops, loses its database, and what becomes of uploads then."""

import asyncio
from uuid import uuid4

import crypto_worker.app
import pytest
from chassis.postgres import Database, DatabaseSettings
from chassis.queries import Queries
from contract.audit import EventName
from contract.messages import ItemKind, UploadKind
from contract.topology import ANNOUNCE, AUDIT_VHOST, HANDOVER_VHOST
from crypto_worker.errors import KeysetRefused
from crypto_worker.settings import Settings
from handover.errors import HandOverFailed
from handover.timings import Timings
from handover.transfer import Transfer
from sealing.keyset import Keyset
from sealing.payload import PayloadSealer

from tests.integration.handover.newsroom import Newsroom, Producer, eventually, ready
from tests.integration.handover.posts import Content, Source, opened, submit

AT_COMMIT = """
CREATE FUNCTION public.end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER end_session AFTER INSERT ON sealdrop.outcome DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.state = 'stored') EXECUTE FUNCTION public.end_session();
"""
CONNECTIONS = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'sealdrop_worker'"


async def half_sent(producer: Producer) -> Transfer:
    """An upload under way: 6 MiB are out, more than one batch of the vault."""
    source = Source()
    transfer = await producer.handover.begin(UploadKind.SUBMISSION, source.id, source.lookup_id, source.recipient)
    await transfer.start_item(ItemKind.FILE, uuid4())
    sealed = _some_payload(transfer)
    await transfer.send(sealed)
    return transfer


def _some_payload(transfer: Transfer) -> bytes:
    sealer = PayloadSealer(transfer.secret.item_key(transfer.upload_id.bytes, 0))
    return sealer.start() + sealer.update(bytes(6 << 20))


async def test_aborted_upload_leaves_nothing(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    transfer = await half_sent(producer)
    await eventually(lambda: newsroom.count("vault_chunk") > 0)

    await transfer.abort()

    await eventually(newsroom.is_empty)


async def test_stopping_worker_fails_uploads_and_leaves_nothing(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    transfer = await half_sent(producer)

    await newsroom.stop_worker("worker-1")

    await asyncio.wait_for(transfer.failed.wait(), 5)
    assert newsroom.is_empty()
    await eventually(lambda: not producer.directory.is_open)


async def test_lost_database_connections_fail_the_upload_and_the_worker_recovers(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    transfer = await half_sent(producer)
    await eventually(lambda: newsroom.count("vault_chunk") > 0)

    newsroom.postgres.sql(CONNECTIONS, newsroom.database)

    await asyncio.wait_for(transfer.failed.wait(), 10)
    await eventually(newsroom.is_empty)
    content = Content(b"afterwards")
    await eventually(lambda: EventName.STORE_FAILED in newsroom.audit_names())
    for _ in range(20):
        try:
            await submit(producer, Source(), content)
            break
        except HandOverFailed:
            await asyncio.sleep(0.5)
    assert opened(newsroom.stored_file(content.id), newsroom.svs) == b"afterwards"


async def test_connection_lost_at_commit_is_settled_by_the_fence(small_newsroom: Newsroom) -> None:
    producer = await ready(small_newsroom, Timings(silence=2.5))
    small_newsroom.postgres.sql(AT_COMMIT, small_newsroom.database)
    content = Content(b"was it?")

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), content)

    assert len(producer.fence.asked) == 1
    await eventually(small_newsroom.is_empty)


async def test_leftovers_of_a_dead_worker_are_swept_when_another_starts(small_newsroom: Newsroom) -> None:
    upload, item = uuid4(), uuid4()
    small_newsroom.postgres.sql(
        f"INSERT INTO sealdrop.pending VALUES ('{upload}', 42);"
        f"INSERT INTO sealdrop.pending_item (item_id, upload_id) VALUES ('{item}', '{upload}');"
        f"INSERT INTO sealdrop.vault_chunk VALUES ('{item}', 0, 'half an item')",
        small_newsroom.database,
    )

    await small_newsroom.add_worker()

    await eventually(small_newsroom.is_empty)


async def test_two_workers_do_not_sweep_each_other(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    transfer = await half_sent(producer)
    await eventually(lambda: newsroom.count("vault_chunk") > 0)

    await newsroom.add_worker("worker-2")
    await newsroom.open(producer, workers=2)
    await asyncio.sleep(0.3)

    assert newsroom.count("pending") == 1
    assert not transfer.failed.is_set()
    await transfer.abort()


async def test_smallest_credit_is_enough(newsroom: Newsroom) -> None:
    await newsroom.add_worker(credit=2)
    producer = await newsroom.add_producer()
    await newsroom.open(producer)
    content = Content(b"drop by drop " * 200_000)

    await submit(producer, Source(), content)

    assert opened(newsroom.stored_file(content.id), newsroom.svs) == content.plaintext


async def start_alone(newsroom: Newsroom, settings: Settings) -> None:
    """A worker as `serve` starts it, with whatever keyset lies there now. Stops it once it announces itself."""
    where = DatabaseSettings(
        user="sealdrop_worker",
        database=newsroom.database,
        socket_dir=newsroom.postgres.socket_dir,
        port=newsroom.postgres.port,
    )
    database = await Database.connect(where, "test", Queries.load("crypto_worker"))
    buses = [await newsroom.bus("worker-1", vhost) for vhost in (HANDOVER_VHOST, AUDIT_VHOST)]
    stop = asyncio.Event()
    serving = asyncio.create_task(crypto_worker.app.serve(settings, buses[0], buses[1], database, stop))
    try:
        await eventually(lambda: serving.done() or bool(newsroom.hub.passed(ANNOUNCE)))
        stop.set()
        await serving
    finally:
        await database.close()


async def test_worker_starts_with_a_signed_keyset_only(small_newsroom: Newsroom) -> None:
    settings = small_newsroom.worker_settings("worker-1")
    settings.keyset_file.write_bytes(b"{}")

    with pytest.raises(KeysetRefused):
        await start_alone(small_newsroom, settings)

    assert small_newsroom.hub.passed(ANNOUNCE) == []
    assert EventName.KEYSET_REFUSED in small_newsroom.audit_names()


async def test_worker_refuses_an_older_keyset_after_a_restart(small_newsroom: Newsroom) -> None:
    newer = Keyset(2, (small_newsroom.svs.recipient,), None, None, "The Test Newsroom")
    small_newsroom.keyset, older = newer, small_newsroom.keyset
    await start_alone(small_newsroom, small_newsroom.worker_settings("worker-1"))
    announced = len(small_newsroom.hub.passed(ANNOUNCE))

    small_newsroom.keyset = older
    with pytest.raises(KeysetRefused):
        await start_alone(small_newsroom, small_newsroom.worker_settings("worker-1"))

    assert announced > 0
    assert len(small_newsroom.hub.passed(ANNOUNCE)) == announced


async def test_loaded_keyset_is_reported(small_newsroom: Newsroom) -> None:
    await ready(small_newsroom)

    await eventually(lambda: EventName.KEYSET_LOADED in small_newsroom.audit_names())
