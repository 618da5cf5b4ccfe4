"""A newsroom in one process: real PostgreSQL, real crypto-worker and source-api, the in-process bus."""

import asyncio
import io
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import httpx
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
from sealing.age import open_bytes, seal
from sealing.identities import HybridIdentity
from sealing.item import ItemSealer, open_item_bytes
from sealing.keyset import Keyset, sign_keyset
from sealing.manifest import Manifest
from sealing.payload import PayloadOpener
from sealing.recipients import Recipient, parse_recipient
from sealing.secrets import FileKey
from sealing.signing import SigningKey
from source_api import app as source_app
from source_api.settings import SourceSettings

from tests.stack.postgres import PostgresServer
from tests.stack.process import free_port

LOOPBACK = "127.0.0.1"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
WORD = re.compile(r"<li>([a-z]+)</li>")


class NoFence:
    """The stand-in journalist never gives up."""

    async def give_up(self, _: UUID) -> bytes | None:
        raise AssertionError("an upload was lost")


@dataclass
class Keys:
    """Who signs what, and the SVS."""

    root: SigningKey = field(default_factory=SigningKey.generate)
    worker: SigningKey = field(default_factory=SigningKey.generate)
    source: SigningKey = field(default_factory=SigningKey.generate)
    journalist: SigningKey = field(default_factory=SigningKey.generate)
    svs: HybridIdentity = field(default_factory=HybridIdentity.generate)

    @property
    def keyset(self) -> Keyset:
        return Keyset(1, (self.svs.recipient,), None, None, "The Courier")


@dataclass
class Newsroom:
    """Running services. The journalist is played by this class."""

    server: PostgresServer
    database_name: str
    directory: Path
    changed: dict[str, Any] = field(default_factory=dict)  #: settings of source-api other than the usual ones
    broker: InProcessBroker = field(default_factory=lambda: InProcessBroker(Topology()))
    keys: Keys = field(default_factory=Keys)
    port: int = field(default_factory=free_port)
    worker_stop: asyncio.Event = field(default_factory=asyncio.Event)
    worker_task: asyncio.Task[None] | None = None
    databases: list[Database] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """source-api and a worker, until the block ends."""
        stop = asyncio.Event()
        database = await self._connect("sealdrop_source", "source_api")
        await self.start_worker()
        async with asyncio.TaskGroup() as group:
            group.create_task(source_app.serve(self.settings(), *self._buses("source-1"), database, stop))
            try:
                await self.until_open()
                yield self
            finally:
                stop.set()
        await self.stop_worker()
        for each in self.databases:
            await each.close()

    async def start_worker(self) -> None:
        self.worker_stop = asyncio.Event()
        database = await self._connect("sealdrop_worker", "crypto_worker")
        buses = self._buses("worker-1")
        self.worker_task = asyncio.create_task(worker_app.serve(self._worker(), *buses, database, self.worker_stop))

    async def stop_worker(self) -> None:
        self.worker_stop.set()
        if self.worker_task is not None:
            await self.worker_task
        self.worker_task = None

    async def kill_worker(self) -> None:
        """Without a word to anybody, as a power cut."""
        assert self.worker_task is not None
        self.worker_task.cancel()
        with suppress(asyncio.CancelledError):
            await self.worker_task
        self.worker_task = None

    def settings(self) -> SourceSettings:
        usual: dict[str, Any] = {
            "name": "source-1",
            "listen": f"{LOOPBACK}:{self.port}",
            "newsroom": "The Courier",
            "deployment_id": "test",
            "pepper_file": self._secret("pepper", secrets.token_bytes(32)),
            "form_key_file": self._secret("form", secrets.token_bytes(32)),
            "signing_key_file": self._secret("signing", self.keys.source.seed),
            "audit_key_file": self._secret("audit", secrets.token_bytes(32)),
            "workers": {"worker-1": self.keys.worker.hex},
            "root_public_key": self.keys.root.hex,
            "keyset_file": self._keyset_file(),
        }
        return SourceSettings.model_validate({**usual, **self.changed})

    async def until_open(self, is_open: bool = True) -> None:
        """Until the form is there, or until it is not."""
        async with asyncio.timeout(20), httpx.AsyncClient(base_url=self.url) as client:
            while True:
                with suppress(httpx.TransportError):
                    if ((await client.get("/submit")).status_code == 200) is is_open:
                        return
                await asyncio.sleep(0.1)

    async def query(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        """As superuser, for looking behind the functions."""
        connection = await asyncpg.connect(self.server.dsn("postgres", self.database_name))
        try:
            rows: list[asyncpg.Record] = await connection.fetch(statement, *arguments)
            return rows
        finally:
            await connection.close()

    async def is_empty(self) -> bool:
        """Nothing stored, nothing half-written."""
        tables = ("source", "item", "receipt", "pending", "pending_item", "vault_chunk")
        counts = [(await self.query(f"SELECT count(*) FROM sealdrop.{table}"))[0][0] for table in tables]
        return not any(counts)

    async def opened(self) -> list[tuple[Manifest, bytes]]:
        """All small items of the vault in order, as the SVS opens them."""
        rows = await self.query("SELECT id, header FROM sealdrop.item WHERE kind <> 'reply' ORDER BY position")
        return [open_item_bytes(await self._plaintext(row["id"], row["header"])) for row in rows]

    async def _plaintext(self, item_id: UUID, header: bytes) -> bytes:
        select = "SELECT sealed FROM sealdrop.vault_chunk WHERE item_id = $1 ORDER BY seq"
        payload = b"".join(row["sealed"] for row in await self.query(select, item_id))
        return open_bytes(header + payload, [self.keys.svs])

    async def reply(self, text: str) -> Stored:
        """To the only source there is, as the journalists' page does it."""
        source = (await self.query("SELECT id, reply_recipient FROM sealdrop.source"))[0]
        recipient = parse_recipient(source["reply_recipient"])
        bus = self.broker.bus("journalist-1", HANDOVER_VHOST)
        directory = WorkerDirectory(bus, "journalist-1", {"worker-1": self.keys.worker.public})
        hand_over = HandOver(bus, "journalist-1", self.keys.journalist, directory, NoFence())
        running = [asyncio.create_task(part) for part in (directory.run(), hand_over.run())]
        try:
            await until(lambda: hand_over.is_open)
            return await self._hand_over(hand_over, source["id"], recipient, text.encode())
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await bus.close()

    async def _hand_over(self, hand_over: HandOver, source_id: UUID, recipient: Recipient, text: bytes) -> Stored:
        item_id = uuid4()
        plaintext = padded_zip(item_id, text)
        sink = io.BytesIO()
        seal(io.BytesIO(plaintext), sink, [recipient, self.keys.svs.recipient])
        finished = FinishedItem(
            item_id=item_id,
            kind=ItemKind.REPLY,
            payload_bytes=len(sink.getvalue()),
            payload_sha256=sha256(sink.getvalue()).hexdigest(),
            size_class=len(plaintext),
        )
        async with await hand_over.begin(UploadKind.REPLY, source_id) as transfer:
            await transfer.start_item(ItemKind.REPLY, item_id)
            await transfer.send(sink.getvalue())
            return await transfer.finish([finished])

    def _worker(self) -> WorkerSettings:
        state_dir = self.directory / "worker"
        state_dir.mkdir(exist_ok=True)
        return WorkerSettings(
            name="worker-1",
            identity_key_file=self._secret("worker", self.keys.worker.seed),
            audit_key_file=self._secret("worker-audit", secrets.token_bytes(32)),
            producers=Producers(
                submissions={"source-1": self.keys.source.hex}, replies={"journalist-1": self.keys.journalist.hex}
            ),
            root_public_key=self.keys.root.hex,
            keyset_file=self._keyset_file(),
            state_dir=state_dir,
        )

    async def _connect(self, role: str, package: str) -> Database:
        where = DatabaseSettings(
            user=role, database=self.database_name, socket_dir=self.server.socket_dir, port=self.server.port
        )
        database = await Database.connect(where, package, Queries.load(package))
        self.databases.append(database)
        return database

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


class Visitor:
    """A source with a browser that runs no script: it follows forms and keeps cookies."""

    def __init__(self, url: str) -> None:
        self.web = httpx.AsyncClient(base_url=url, timeout=60, follow_redirects=True)

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.aclose()

    async def token(self, path: str) -> str:
        """The form token on a page."""
        match = TOKEN.search((await self.web.get(path)).text)
        assert match is not None
        return match.group(1)

    async def send(
        self, message: str = "", files: tuple[tuple[str, bytes], ...] = (), token: str | None = None
    ) -> httpx.Response:
        fields = {"csrf_token": token or await self.token("/submit"), "message": message}
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        parts = parts or [("files", ("", b"", "application/octet-stream"))]
        return await self.web.post("/submit", data=fields, files=parts)

    async def codename(self) -> str:
        """As /sent shows it."""
        return " ".join(WORD.findall((await self.web.get("/sent")).text))

    async def post(self, path: str, page: str, **fields: str) -> httpx.Response:
        """A small form of a page."""
        return await self.web.post(path, data={"csrf_token": await self.token(page), **fields})

    async def log_in(self, codename: str) -> httpx.Response:
        return await self.post("/login", "/login", codename=codename)


async def until(is_so: Callable[[], bool]) -> None:
    """Errors: TimeoutError after twenty seconds."""
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


def padded_zip(item_id: UUID, text: bytes) -> bytes:
    """The plaintext of a reply: made by ItemSealer under a throw-away key, and opened again."""
    raw_key = secrets.token_bytes(16)
    sealer = ItemSealer(FileKey(raw_key), "reply", item_id, "", None)
    payload = sealer.update(text) + sealer.final()
    opener = PayloadOpener(FileKey(raw_key))
    return opener.update(payload) + opener.final()
