"""A small newsroom for tests: real workers and real producers over one broker and one database."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

import crypto_worker.app
from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.bus import Bus
from chassis.inprocess import InProcessBroker
from chassis.postgres import Database, DatabaseError, DatabaseSettings
from chassis.queries import Queries
from contract.audit import AUDIT_CONTEXT, EventName
from contract.frames import Frame
from contract.topology import AUDIT, AUDIT_VHOST, HANDOVER_VHOST, LANES
from crypto_worker.settings import Producers, Settings
from handover.directory import WorkerDirectory
from handover.errors import FenceUnavailable
from handover.producer import HandOver
from handover.timings import Timings
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset, sign_keyset
from sealing.signing import SigningKey, open_envelope

from tests.integration.handover.hub import HostileHub
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import TOPOLOGY, RabbitServer

QUICK = Timings(fresh=5.0, silence=5.0, accept=5.0)
FENCE = Queries.parse(
    """
-- name: source
SELECT state, receipt FROM sealdrop.source_give_up($1)
-- name: journalist
SELECT state, receipt FROM sealdrop.journalist_give_up($1)
"""
)


class Wires(Protocol):
    """Gives each service its bus."""

    async def bus(self, user: str, vhost: str) -> Bus: ...


class InProcessWires:
    def __init__(self) -> None:
        self.broker = InProcessBroker(TOPOLOGY)

    async def bus(self, user: str, vhost: str) -> Bus:
        return self.broker.bus(user, vhost)


class RabbitWires:
    def __init__(self, server: RabbitServer) -> None:
        self._server = server

    async def bus(self, user: str, vhost: str) -> Bus:
        certificate, key = self._server.client_cert(user)
        settings = AmqpSettings(
            host=self._server.host,
            port=self._server.port,
            ca_file=self._server.ca_file,
            cert_file=certificate,
            key_file=key,
        )
        return await AmqpBus.connect(settings, vhost)


class DatabaseFence:
    """The outcome fence of one role. `is_away` plays a database that cannot be asked."""

    def __init__(self, database: Database, role: str) -> None:
        self._database = database
        self._role = role
        self.is_away = False
        self.asked: list[UUID] = []

    async def give_up(self, upload_id: UUID) -> bytes | None:
        self.asked.append(upload_id)
        if self.is_away:
            raise FenceUnavailable("away")
        try:
            row = await self._database.fetchrow(self._role, upload_id)
        except DatabaseError as error:
            raise FenceUnavailable("no answer") from error
        assert row is not None
        receipt: bytes | None = row["receipt"]
        return receipt if row["state"] == "stored" else None


@dataclass
class Producer:
    """One source-api or journalist-api."""

    bus: Bus
    key: SigningKey
    directory: WorkerDirectory
    handover: HandOver
    fence: DatabaseFence
    noticed: list[EventName]


@dataclass
class RunningWorker:
    key: SigningKey
    settings: Settings
    bus: Bus
    stop: asyncio.Event
    task: asyncio.Task[None]


class Newsroom:
    """`async with` it. `hub` stands between everybody and the broker."""

    def __init__(self, wires: Wires, postgres: PostgresServer, database: str, directory: Path) -> None:
        self._wires = wires
        self.postgres = postgres
        self.database = database
        self._directory = directory
        self._stack = AsyncExitStack()
        self.hub = HostileHub()
        self.root = SigningKey.generate()
        self.svs = HybridIdentity.generate()
        self.keyset = Keyset(1, (self.svs.recipient,), None, None, "The Test Newsroom")
        self.keys = {name: SigningKey.generate() for name in (*TOPOLOGY.producers, *TOPOLOGY.workers)}
        self.audit_key = SigningKey.generate()
        self.workers: dict[str, RunningWorker] = {}

    async def __aenter__(self) -> "Newsroom":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # People of the newsroom

    async def add_worker(self, name: str = "worker-1", credit: int = 8) -> RunningWorker:
        settings = self.worker_settings(name, credit)
        handover_bus, audit_bus = await self.bus(name, HANDOVER_VHOST), await self.bus(name, AUDIT_VHOST)
        database = await self._connect("sealdrop_worker", Queries.load("crypto_worker"))
        stop = asyncio.Event()
        task = asyncio.create_task(crypto_worker.app.serve(settings, handover_bus, audit_bus, database, stop))
        worker = RunningWorker(self.keys[name], settings, handover_bus, stop, task)
        self._stack.push_async_callback(self.stop_worker, name)
        self.workers[name] = worker
        return worker

    async def stop_worker(self, name: str) -> None:
        worker = self.workers[name]
        worker.stop.set()
        await worker.task

    def worker_settings(self, name: str, credit: int = 8) -> Settings:
        here = self._directory / name
        (here / "state").mkdir(parents=True, exist_ok=True)
        (here / "keyset.json").write_bytes(sign_keyset(self.root, self.keyset))
        return Settings(
            name=name,
            identity_key_file=_secret(here / "identity", self.keys[name].seed),
            audit_key_file=_secret(here / "audit", self.audit_key.seed),
            producers=Producers(
                submissions={producer: self.keys[producer].hex for producer in TOPOLOGY.sources},
                replies={producer: self.keys[producer].hex for producer in TOPOLOGY.journalists},
            ),
            root_public_key=self.root.hex,
            keyset_file=here / "keyset.json",
            state_dir=here / "state",
            credit_frames=credit,
            lanes=TOPOLOGY.lanes,
        )

    async def add_producer(self, name: str = "source-1", timings: Timings = QUICK) -> Producer:
        bus = await self.bus(name, HANDOVER_VHOST)
        role = "source" if name in TOPOLOGY.sources else "journalist"
        fence = DatabaseFence(await self._connect(f"sealdrop_{role}", FENCE), role)
        noticed: list[EventName] = []
        pinned = {worker: self.keys[worker].public for worker in TOPOLOGY.workers}
        directory = WorkerDirectory(bus, name, pinned, timings=timings, notice=noticed.append)
        handover = HandOver(bus, name, self.keys[name], directory, fence, timings=timings, notice=noticed.append)
        for part in (directory.run(), handover.run()):
            self._stack.push_async_callback(_cancel, asyncio.create_task(part))
        return Producer(bus, self.keys[name], directory, handover, fence, noticed)

    async def bus(self, user: str, vhost: str) -> Bus:
        bus = self.hub.wrap(await self._wires.bus(user, vhost))
        self._stack.push_async_callback(bus.close)
        return bus

    async def open(self, producer: Producer, workers: int = 1) -> None:
        """Until the producer knows so many workers."""
        await eventually(lambda: producer.handover.is_open and len(known_workers(producer)) >= workers)

    # What lies in the database

    def count(self, table: str) -> int:
        return int(self.postgres.sql(f"SELECT count(*) FROM sealdrop.{table}", self.database))

    def is_empty(self) -> bool:
        """Nothing visible, nothing pending, not a chunk."""
        tables = ("source", "item", "receipt", "pending", "pending_item", "vault_chunk")
        return all(self.count(table) == 0 for table in tables)

    def stored_file(self, item_id: UUID) -> bytes:
        """The age file: header and chunks, as a journalist would get them."""
        header = f"SELECT encode(header, 'hex') FROM sealdrop.item WHERE id = '{item_id}'"
        chunks = f"SELECT encode(sealed, 'hex') FROM sealdrop.vault_chunk WHERE item_id = '{item_id}' ORDER BY seq"
        return bytes.fromhex(self.postgres.sql(header, self.database)) + bytes.fromhex(
            self.postgres.sql(chunks, self.database).replace("\n", "")
        )

    def audit_names(self) -> list[EventName]:
        bodies = [body for _, body in self.hub.passed(AUDIT)]
        return [
            EventName(str(open_envelope(self.audit_key.verify_key, AUDIT_CONTEXT, body)["name"])) for body in bodies
        ]

    async def _connect(self, role: str, queries: Queries) -> Database:
        settings = DatabaseSettings(
            user=role,
            database=self.database,
            socket_dir=self.postgres.socket_dir,
            port=self.postgres.port,
        )
        database = await Database.connect(settings, "test", queries)
        self._stack.push_async_callback(database.close)
        return database


def known_workers(producer: Producer) -> frozenset[str]:
    """Whom this producer could choose now."""
    known: frozenset[str] = frozenset()
    while (worker := producer.directory.pick(but_not=known)) is not None:
        known |= {worker.name}
    return known


async def ready(newsroom: Newsroom, timings: Timings | None = None) -> Producer:
    """A producer that knows a running worker."""
    await newsroom.add_worker()
    producer = await newsroom.add_producer(timings=timings or QUICK)
    await newsroom.open(producer)
    return producer


def upload_ids(newsroom: Newsroom) -> set[UUID]:
    """Of which uploads frames have passed the hub."""
    return {Frame.decode(body).upload_id for _, body in newsroom.hub.passed(LANES)}


async def nothing_is_left(newsroom: Newsroom, producer: Producer, uploads: int = 1) -> None:
    """The vault is empty, and the fence says `given_up` of every upload: none can be stored any more."""
    await eventually(newsroom.is_empty)
    ids = upload_ids(newsroom)
    assert len(ids) == uploads
    for upload_id in ids:
        assert await producer.fence.give_up(upload_id) is None


async def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.05)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _secret(path: Path, seed: bytes) -> Path:
    path.write_text(seed.hex())
    path.chmod(0o600)
    return path
