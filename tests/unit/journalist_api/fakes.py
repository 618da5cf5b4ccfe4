"""Stand-ins for the database, the worker and the audit trail, and the app built on them."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pyotp
from chassis.postgres import DatabaseDown
from contract.audit import EventName
from contract.limits import FRAME_BYTES
from contract.messages import FinishedItem
from handover.stored import Stored
from journalist_api.accounts import Account, hash_passphrase, seal_totp
from journalist_api.keyset import VerifiedKeyset
from journalist_api.login import Login
from journalist_api.room import Room
from journalist_api.spa import SpaFile
from journalist_api.store import Store
from journalist_api.throttle import Throttle
from journalist_api.web import make
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset
from sealing.receipts import Receipt, ReceiptItem

TOTP_KEY = bytes(range(32))
PASSPHRASE = "correct horse battery staple"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_000.0
HASH = hash_passphrase(PASSPHRASE)  # once: it takes its time on purpose


def code_at(step_offset: int = 0) -> str:
    return pyotp.TOTP(SECRET).at(int(NOW) + 30 * step_offset)


@dataclass
class FakeItem:
    """An item as the vault holds it."""

    header: bytes
    payload: bytes
    id: UUID = field(default_factory=uuid4)
    kind: str = "file"
    position: int = 1
    submission_id: UUID = field(default_factory=uuid4)

    @property
    def file(self) -> bytes:
        return self.header + self.payload

    def row(self) -> dict[str, Any]:
        return {
            "item_id": self.id,
            "submission_id": self.submission_id,
            "kind": self.kind,
            "position": self.position,
            "size_class": 65536,
            "file_bytes": len(self.file),
            "file_sha256": hashlib.sha256(self.file).digest(),
            "header": self.header,
            "designation": "Amber Falcon",
        }

    def chunks(self, first: int, stop: int) -> list[dict[str, Any]]:
        numbers = range(first, min(stop, -(-len(self.payload) // FRAME_BYTES)))
        return [{"seq": n, "sealed": self.payload[n * FRAME_BYTES : (n + 1) * FRAME_BYTES]} for n in numbers]


class FakeDatabase:
    """One source with its items, one journalist, sessions; answers the named statements of queries.sql."""

    def __init__(self) -> None:
        self.account = Account(uuid4(), HASH, seal_totp(TOTP_KEY, SECRET), False)
        self.last_step = 0
        self.sessions: dict[bytes, UUID] = {}
        self.source_id = uuid4()
        self.items: list[FakeItem] = []
        self.asked: list[str] = []
        self.is_down = False

    async def fetch(self, name: str, *arguments: Any) -> Sequence[Any]:
        self._ask(name)
        if name == "sources":
            return [self._source()]
        if name == "items":
            return [item.row() for item in self.items] if arguments[0] == self.source_id else []
        assert name == "chunks"
        return self._item(arguments[0]).chunks(arguments[1], arguments[2])

    async def fetchrow(self, name: str, *arguments: Any) -> Any | None:
        self._ask(name)
        if name == "credentials":
            return self._credentials() if arguments[0] == "ada" else None
        if name == "session_touch":
            journalist = self.sessions.get(arguments[0])
            return None if journalist is None else _Row(journalist_id=journalist, username="ada", is_admin=False)
        assert name == "item"
        return next((item.row() for item in self.items if item.id == arguments[0]), None)

    async def fetchval(self, name: str, *arguments: Any) -> Any:
        self._ask(name)
        if name == "use_step":
            is_fresh = arguments[0] == self.account.id and arguments[1] > self.last_step
            self.last_step = arguments[1] if is_fresh else self.last_step
            return is_fresh
        if name == "receipt":
            return b"a receipt"
        if name == "delete_item":
            before = len(self.items)
            self.items = [item for item in self.items if item.id != arguments[0]]
            return len(self.items) < before
        assert name == "delete_source"
        return arguments[0] == self.source_id

    async def execute(self, name: str, *arguments: Any) -> str:
        self._ask(name)
        if name == "session_open":
            self.sessions[arguments[1]] = arguments[0]
        else:
            assert name == "session_close"
            self.sessions.pop(arguments[0], None)
        return "SELECT 1"

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        if self.is_down:
            raise DatabaseDown("no answer")

    def _credentials(self) -> dict[str, Any]:
        account = self.account
        return {
            "id": account.id,
            "passphrase_hash": account.passphrase_hash,
            "totp_sealed": account.totp_sealed,
            "is_admin": account.is_admin,
        }

    def _source(self) -> dict[str, Any]:
        return {
            "id": self.source_id,
            "designation": "Amber Falcon",
            "reply_recipient": "age1pqexample",
            "card": b"a card",
            "newest_day": date(2026, 11, 24),
            "starred": False,
            "items": len(self.items),
        }

    def _item(self, item_id: UUID) -> FakeItem:
        return next(item for item in self.items if item.id == item_id)


class _Row(dict[str, Any]):
    """A record: by name, or by number."""

    def __getitem__(self, key: Any) -> Any:
        return list(self.values())[key] if isinstance(key, int) else super().__getitem__(key)


class FakeSender:
    """A worker that stores at once, or raises what it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[UUID, FinishedItem, bytes]] = []
        self.failure: Exception | None = None

    async def send(self, source_id: UUID, reply: FinishedItem, age_file: bytes) -> Stored:
        if self.failure is not None:
            raise self.failure
        self.sent.append((source_id, reply, age_file))
        item = ReceiptItem(reply.item_id, "reply", 7, reply.payload_sha256, reply.payload_sha256, reply.size_class)
        return Stored(Receipt(uuid4(), source_id, (item,), ("0" * 64,), 1, "0" * 64), b"a receipt")


class FakeAudit:
    def __init__(self) -> None:
        self.events: list[tuple[EventName, UUID | None]] = []

    def record(self, name: EventName, journalist: UUID | None = None, generation: int | None = None) -> None:
        self.events.append((name, journalist))


async def no_sleep(_: float) -> None:
    return None


@dataclass
class Site:
    """The app on fakes, and a client that is logged in with a cookie unless told otherwise."""

    database: FakeDatabase = field(default_factory=FakeDatabase)
    sender: FakeSender = field(default_factory=FakeSender)
    audit: FakeAudit = field(default_factory=FakeAudit)
    errors: list[BaseException] = field(default_factory=list)
    demo: bool = False

    def app(self) -> Any:
        store = Store(self.database)
        login = Login(store, TOTP_KEY, Throttle(sleep=no_sleep), clock=lambda: NOW)
        keyset = Keyset(3, (HybridIdentity.generate().recipient,), None, None, "The Courier")
        room = Room(store, login, self.sender, VerifiedKeyset(b"signed", keyset), self.audit)
        page = SpaFile("/", "text/html; charset=utf-8", b"<!doctype html>")
        script = SpaFile("/assets/index-abc.js", "text/javascript; charset=utf-8", b"1")
        return make(room, [page, script], self.demo, self.errors.append)

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client that is not logged in."""
        transport = httpx.ASGITransport(app=self.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://journalist") as client:
            yield client

    @asynccontextmanager
    async def journalist(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that is logged in and sends its CSRF token."""
        async with self.guest() as client:
            answer = await client.post("/api/v1/login", json=login_body())
            assert answer.status_code == 200, answer.text
            client.headers["x-csrf-token"] = answer.json()["csrf_token"]
            yield client


def login_body(**changed: str) -> dict[str, str]:
    return {"username": "ada", "passphrase": PASSPHRASE, "code": code_at(), **changed}
