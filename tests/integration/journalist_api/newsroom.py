"""A whole newsroom in one process: real PostgreSQL, real crypto-worker and journalist-api, the in-process bus."""

import asyncio
import base64
import io
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import pyotp
from chassis.inprocess import InProcessBroker, InProcessBus
from chassis.postgres import Database, DatabaseSettings
from chassis.queries import Queries
from contract.messages import FinishedItem, ItemKind, UploadKind
from contract.topology import AUDIT_VHOST, HANDOVER_VHOST, Topology
from crypto_worker import app as worker_app
from crypto_worker.settings import Producers
from crypto_worker.settings import Settings as WorkerSettings
from handover.directory import WorkerDirectory
from handover.producer import HandOver, Stored
from journalist_api import app as journalist_app
from journalist_api.accounts import hash_passphrase, seal_totp
from journalist_api.pins import pins_json, pins_of
from journalist_api.settings import JournalistSettings
from sealing.age import seal
from sealing.identities import HybridIdentity
from sealing.item import ItemSealer
from sealing.keyset import Keyset, sign_keyset
from sealing.payload import PayloadOpener
from sealing.secrets import FileKey
from sealing.signing import SigningKey

from tests.stack.postgres import PostgresServer
from tests.stack.process import free_port

PASSPHRASE = "mellow quartz antler brisk lantern oboe"
HASH = hash_passphrase(PASSPHRASE)
LOOPBACK = "127.0.0.1"


class NoFence:
    """The stand-in source never gives up: nothing fails in these tests before it is stored."""

    async def give_up(self, _: UUID) -> bytes | None:
        raise AssertionError("an upload was lost")


@dataclass
class Keys:
    """Who signs what, and the SVS."""

    root: SigningKey = field(default_factory=SigningKey.generate)
    worker: SigningKey = field(default_factory=SigningKey.generate)
    source: SigningKey = field(default_factory=SigningKey.generate)
    journalist: SigningKey = field(default_factory=SigningKey.generate)
    totp: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    svs: HybridIdentity = field(default_factory=HybridIdentity.generate)

    @property
    def keyset(self) -> Keyset:
        return Keyset(1, (self.svs.recipient,), None, None, "The Courier")


@dataclass(repr=False)
class Newsroom:
    """Running services, and what tests do with them. The source is played by this class."""

    server: PostgresServer
    database_name: str
    directory: Path
    spa_dir: Path
    broker: InProcessBroker = field(default_factory=lambda: InProcessBroker(Topology()))
    keys: Keys = field(default_factory=Keys)
    port: int = field(default_factory=free_port)
    totp_secret: str = field(default_factory=pyotp.random_base32)
    source_identity: HybridIdentity = field(default_factory=HybridIdentity.generate)
    source_id: UUID = field(default_factory=uuid4)
    lookup_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    journalist_id: UUID = field(default_factory=uuid4)
    demo: bool = False

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """All services, until the block ends."""
        await self._add_journalist()
        stop = asyncio.Event()
        databases = [await self._connect("sealdrop_worker", "crypto_worker")]
        databases.append(await self._connect("sealdrop_journalist", "journalist_api"))
        async with asyncio.TaskGroup() as group:
            group.create_task(worker_app.serve(self._worker(), *self._buses("worker-1"), databases[0], stop))
            group.create_task(journalist_app.serve(self.settings(), *self._buses("journalist-1"), databases[1], stop))
            try:
                await self._until_answering()
                yield self
            finally:
                stop.set()
        for database in databases:
            await database.close()

    def settings(self) -> JournalistSettings:
        """Written with key files, keyset and pins.json."""
        settings = JournalistSettings(
            name="journalist-1",
            listen=f"{LOOPBACK}:{self.port}",
            signing_key_file=self._secret("signing", self.keys.journalist.seed),
            audit_key_file=self._secret("audit", secrets.token_bytes(32)),
            totp_key_file=self._secret("totp", self.keys.totp),
            workers={"worker-1": self.keys.worker.hex},
            root_public_key=self.keys.root.hex,
            keyset_file=self._keyset_file(),
            spa_dir=self.spa_dir,
            demo=self.demo,
        )
        (self.spa_dir / "pins.json").write_bytes(pins_json(pins_of(settings, self.keys.keyset)))
        return settings

    def code(self, steps_ahead: int = 0) -> str:
        """A TOTP code of now, or of the next step."""
        return pyotp.TOTP(self.totp_secret).at(int(time.time()) + 30 * steps_ahead)

    def credentials(self, **changed: str) -> dict[str, str]:
        return {"username": "ada", "passphrase": PASSPHRASE, "code": self.code(), **changed}

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """Logged in with a bearer token."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            answer = await client.post("/api/v1/login", json=self.credentials(session="bearer"))
            assert answer.status_code == 200, answer.text
            client.headers["authorization"] = f"Bearer {answer.json()['token']}"
            yield client

    async def submit(self, *contents: tuple[ItemKind, bytes]) -> Stored:
        """Plays source-api: one submission of these items, to its receipt."""
        bus = self._buses("source-1")[0]
        directory = WorkerDirectory(bus, "source-1", {"worker-1": self.keys.worker.public})
        hand_over = HandOver(bus, "source-1", self.keys.source, directory, NoFence())
        running = [asyncio.create_task(part) for part in (directory.run(), hand_over.run())]
        try:
            await until(lambda: hand_over.is_open)
            return await self._hand_over(hand_over, contents)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _hand_over(self, hand_over: HandOver, contents: tuple[tuple[ItemKind, bytes], ...]) -> Stored:
        recipient = str(self.source_identity.recipient)
        kind = UploadKind.SUBMISSION
        items = []
        async with await hand_over.begin(kind, self.source_id, self.lookup_id, recipient) as transfer:
            for number, (item_kind, content) in enumerate(contents):
                item_id = uuid4()
                key = transfer.secret.item_key(transfer.upload_id.bytes, number)
                sealer = ItemSealer(key, item_kind.value, item_id, recipient, None)
                await transfer.start_item(item_kind, item_id)
                await transfer.send(sealer.update(content) + sealer.final())
                items.append(_finished(item_id, item_kind, sealer))
            return await transfer.finish(items)

    def sealed_reply(self, item_id: UUID, text: bytes) -> bytes:
        """As the web app makes it, by way of Python: one age file to the source and the SVS."""
        plaintext = padded_zip(item_id, str(self.source_identity.recipient), text)
        age_file = io.BytesIO()
        seal(io.BytesIO(plaintext), age_file, [self.source_identity.recipient, self.keys.svs.recipient])
        return age_file.getvalue()

    async def query(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """As superuser, for looking behind the functions."""
        connection = await asyncpg.connect(self.server.dsn("postgres", self.database_name))
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()

    async def _add_journalist(self) -> None:
        sealed = seal_totp(self.keys.totp, self.totp_secret)
        call = "SELECT sealdrop.admin_add_journalist($1, $2, $3, $4, false)"
        await self.query(call, self.journalist_id, "ada", HASH, sealed)

    async def _connect(self, role: str, package: str) -> Database:
        where = DatabaseSettings(
            user=role, database=self.database_name, socket_dir=self.server.socket_dir, port=self.server.port
        )
        return await Database.connect(where, package, Queries.load(package))

    def _worker(self) -> WorkerSettings:
        producers = Producers(
            submissions={"source-1": self.keys.source.hex}, replies={"journalist-1": self.keys.journalist.hex}
        )
        state_dir = self.directory / "worker"
        state_dir.mkdir(exist_ok=True)
        return WorkerSettings(
            name="worker-1",
            identity_key_file=self._secret("worker", self.keys.worker.seed),
            audit_key_file=self._secret("worker-audit", secrets.token_bytes(32)),
            producers=producers,
            root_public_key=self.keys.root.hex,
            keyset_file=self._keyset_file(),
            state_dir=state_dir,
        )

    def _buses(self, user: str) -> tuple[InProcessBus, InProcessBus]:
        return self.broker.bus(user, HANDOVER_VHOST), self.broker.bus(user, AUDIT_VHOST)

    def _secret(self, name: str, raw: bytes) -> Path:
        path = self.directory / f"{name}.key"
        path.touch(mode=0o600)
        path.write_text(raw.hex())
        return path

    def _keyset_file(self) -> Path:
        path = self.directory / "keyset.json"
        path.write_bytes(sign_keyset(self.keys.root, self.keys.keyset))
        return path

    async def _until_answering(self) -> None:
        async with asyncio.timeout(20), httpx.AsyncClient(base_url=self.url) as client:
            while True:
                try:
                    await client.get("/")
                    return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)


async def until(is_so: Callable[[], bool]) -> None:
    """Errors: TimeoutError after twenty seconds."""
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


def padded_zip(item_id: UUID, recipient: str, text: bytes) -> bytes:
    """The plaintext of a reply: made by ItemSealer under a throw-away key, and opened again."""
    raw_key = secrets.token_bytes(16)
    sealer = ItemSealer(FileKey(raw_key), "reply", item_id, recipient, None)
    payload = sealer.update(text) + sealer.final()
    opener = PayloadOpener(FileKey(raw_key))
    return opener.update(payload) + opener.final()


def from_base64(text: str) -> bytes:
    return base64.b64decode(text)


def _finished(item_id: UUID, kind: ItemKind, sealer: ItemSealer) -> FinishedItem:
    return FinishedItem(
        item_id=item_id,
        kind=kind,
        payload_bytes=sealer.payload_bytes,
        payload_sha256=sealer.payload_sha256,
        size_class=sealer.size_class,
    )
