"""Hand-written stand-ins: a hand-over that keeps what it is given, and a database of dictionaries."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self
from uuid import UUID, uuid4

from contract.messages import FinishedItem, ItemKind, UploadKind
from handover.producer import HandOver, HandOverFailed, Offline, Stored, Transfer
from sealing.codename import SourceKeys, normalise
from sealing.identities import HybridIdentity
from sealing.item import open_item_bytes
from sealing.manifest import Manifest
from sealing.payload import PayloadOpener
from sealing.receipts import Receipt, ReceiptItem
from sealing.secrets import UploadSecret


class FakeTransfer:
    """Takes items; `finish` says stored unless `ending` is an error."""

    def __init__(self, source_id: UUID, ending: Exception | None = None) -> None:
        self.upload_id = uuid4()
        self.secret = UploadSecret.random()
        self.failed = asyncio.Event()
        self.source_id = source_id
        self.ending = ending
        self.items: list[tuple[ItemKind, UUID, bytearray]] = []
        self.sent: tuple[FinishedItem, ...] = ()
        self.is_aborted = False
        self.is_finished = False
        self.may_finish = asyncio.Event()
        self.may_finish.set()

    async def start_item(self, kind: ItemKind, item_id: UUID) -> None:
        self._check()
        self.items.append((kind, item_id, bytearray()))

    async def send(self, payload: bytes) -> None:
        self._check()
        self.items[-1][2].extend(payload)
        await asyncio.sleep(0)

    async def finish(self, items: Sequence[FinishedItem]) -> Stored:
        self._check()
        await self.may_finish.wait()
        if self.ending is not None:
            raise self.ending
        self.sent = tuple(items)
        self.is_finished = True
        return stored(self.upload_id, self.source_id, items)

    async def abort(self) -> None:
        self.is_aborted = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if not self.is_finished:
            await self.abort()

    def opened(self) -> list[tuple[Manifest, bytes]]:
        """The items as the SVS would see them."""
        return [self._open(number, bytes(payload)) for number, (_, _, payload) in enumerate(self.items)]

    def _open(self, number: int, payload: bytes) -> tuple[Manifest, bytes]:
        opener = PayloadOpener(self.secret.item_key(self.upload_id.bytes, number))
        return open_item_bytes(opener.update(payload) + opener.final())

    def _check(self) -> None:
        if self.failed.is_set():
            raise HandOverFailed("failed")


class FakeHandOver:
    """Opens a `FakeTransfer` for each upload."""

    def __init__(self) -> None:
        self.is_open = True
        self.transfers: list[FakeTransfer] = []
        self.bindings: list[tuple[UUID, bytes, str]] = []
        self.ending: Exception | None = None
        self.is_holding = False  #: transfers made now finish only when told

    async def begin(
        self, kind: UploadKind, source_id: UUID, lookup_id: bytes | None = None, reply_recipient: str | None = None
    ) -> FakeTransfer:
        if not self.is_open:
            raise Offline("no worker")
        assert kind is UploadKind.SUBMISSION
        self.bindings.append((source_id, lookup_id or b"", reply_recipient or ""))
        transfer = FakeTransfer(source_id, self.ending)
        if self.is_holding:
            transfer.may_finish.clear()
        self.transfers.append(transfer)
        return transfer


def as_transfer(fake: FakeTransfer) -> Transfer:
    """For the type checker: it has the methods that are used."""
    anything: Any = fake
    transfer: Transfer = anything
    return transfer


def as_hand_over(fake: FakeHandOver) -> HandOver:
    anything: Any = fake
    hand_over: HandOver = anything
    return hand_over


def stored(upload_id: UUID, source_id: UUID, items: Sequence[FinishedItem]) -> Stored:
    """As a worker's receipt would say."""
    receipt_items = tuple(
        ReceiptItem(item.item_id, str(item.kind), number, item.payload_sha256, "0" * 64, item.size_class)
        for number, item in enumerate(items, 1)
    )
    return Stored(Receipt(upload_id, source_id, receipt_items, ("0" * 64,), 1, "0" * 64), upload_id.bytes)


class FakeRows:
    """Answers of `chassis.postgres.Database` by statement, or an error to raise."""

    def __init__(self) -> None:
        self.sources: dict[bytes, dict[str, Any]] = {}
        self.replies: dict[tuple[bytes, UUID], dict[str, Any]] = {}
        self.outcomes: dict[UUID, dict[str, Any]] = {}
        self.error: Exception | None = None
        self.calls: list[str] = []

    async def fetch(self, name: str, *arguments: object) -> list[Any]:
        self._note(name, "source_replies")
        return [{"item_id": item_id} for lookup, item_id in self.replies if lookup == arguments[0]]

    async def fetchrow(self, name: str, *arguments: Any) -> Any:
        self._note(name, "source_find", "source_reply", "source_give_up")
        if name == "source_find":
            return self.sources.get(arguments[0])
        if name == "source_reply":
            return self.replies.get((arguments[0], arguments[1]))
        return self.outcomes.get(arguments[0], {"state": "given_up", "receipt": None})

    async def fetchval(self, name: str, *arguments: Any) -> Any:
        self._note(name, "source_delete_reply")
        return self.replies.pop((arguments[0], arguments[1]), None) is not None

    async def execute(self, name: str, *arguments: object) -> str:
        self._note(name, "source_settled")
        return "SELECT 1"

    def _note(self, name: str, *known: str) -> None:
        assert name in known
        self.calls.append(name)
        if self.error is not None:
            raise self.error


def quick_derive(codename: str, salt: bytes, pepper: bytes) -> SourceKeys:
    """Keys without Argon2: the same codename gives the same keys."""
    seed = normalise(codename).encode().ljust(32, b"\0")[:32]
    return SourceKeys(seed, HybridIdentity.from_seed(seed))


def forgotten(value: object) -> bool:
    """That it is None; for attributes the type checker believes to know."""
    return value is None


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def multipart(*parts: tuple[str, str | None, bytes], boundary: str = "----geckoformboundary9a8b7c") -> bytes:
    """A body as browsers write it: (name, file name or None, content)."""
    body = bytearray()
    for name, file_name, content in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if file_name is not None:
            body += f'; filename="{file_name}"\r\nContent-Type: application/octet-stream'.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    return bytes(body + f"--{boundary}--\r\n".encode())


BOUNDARY = b"----geckoformboundary9a8b7c"
Receive = Callable[[], Any]


def receive_of(*chunks: bytes, then_gone: bool = False) -> Receive:
    """An ASGI receive that gives these chunks; then the end, or a lost connection."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        if left:
            chunk = left.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(left) or then_gone}
        return {"type": "http.disconnect"}

    return receive
