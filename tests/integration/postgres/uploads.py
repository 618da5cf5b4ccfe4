"""Uploads as a crypto-worker makes them, with random bytes for sealed ones."""

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

CHUNK_BYTES = 262_144
HEADER = b"age-encryption.org/v1\n"

Connection = Any  #: asyncpg.Connection; asyncpg ships no types


@dataclass(frozen=True)
class SealedItem:
    """An item with its payload in chunks."""

    kind: str = "message"
    payload: bytes = field(default_factory=lambda: secrets.token_bytes(1000))
    id: UUID = field(default_factory=uuid4)

    @property
    def chunks(self) -> list[tuple[UUID, int, bytes]]:
        starts = range(0, len(self.payload), CHUNK_BYTES)
        return [(self.id, n, self.payload[start : start + CHUNK_BYTES]) for n, start in enumerate(starts)]

    def row(self, place: int, /, **changes: object) -> dict[str, object]:
        """What worker_commit is told about it."""
        row = {
            "item_id": str(self.id),
            "kind": self.kind,
            "position": place,
            "size_class": 16384,
            "payload_bytes": len(self.payload),
            "chunk_count": len(self.chunks),
            "header": base64.b64encode(HEADER).decode(),
            "payload_sha256": hashlib.sha256(self.payload).hexdigest(),
            "file_sha256": hashlib.sha256(HEADER + self.payload).hexdigest(),
        }
        return row | changes


@dataclass(frozen=True)
class Upload:
    """One upload and whom it is for."""

    items: Sequence[SealedItem] = field(default_factory=lambda: [SealedItem()])
    kind: str = "submission"
    id: UUID = field(default_factory=uuid4)
    source_id: UUID = field(default_factory=uuid4)
    lookup_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    recipient: str = "age1pqexample"
    card: bytes = b"card"
    receipt: bytes = b"receipt"
    designations: Sequence[str] = field(default_factory=lambda: [secrets.token_hex(8)])

    def after(self, first: "Upload", kind: str = "submission") -> "Upload":
        """The same upload, into the conversation of an earlier one."""
        known = (first.source_id, first.lookup_id, first.recipient, first.card)
        return Upload(self.items, kind, self.id, *known, self.receipt, self.designations)


def reply_to(first: Upload, payload: bytes = b"sealed reply", receipt: bytes = b"reply receipt") -> Upload:
    return Upload([SealedItem("reply", payload)], receipt=receipt).after(first, "reply")


@dataclass
class WorkerInstance:
    """One worker process: the connection that holds its lock, and one that works."""

    lock: Connection
    db: Connection
    instance: int

    @classmethod
    async def start(cls, lock: Connection, db: Connection) -> Self:
        instance = secrets.randbits(64) - 2**63
        await lock.execute("SELECT pg_advisory_lock($1)", instance)
        return cls(lock, db, instance)

    async def open(self, upload: Upload) -> None:
        """Steps 1 and 2: pending rows and chunks."""
        await self.db.execute("SELECT sealdrop.worker_open($1, $2)", upload.id, self.instance)
        for item in upload.items:
            await self.db.execute("SELECT sealdrop.worker_item($1, $2)", upload.id, item.id)
            await self.copy(item.chunks)

    async def copy(self, chunks: Sequence[tuple[UUID, int, bytes]]) -> None:
        columns = ("item_id", "seq", "sealed")
        await self.db.copy_records_to_table("vault_chunk", schema_name="sealdrop", columns=columns, records=chunks)

    async def reserve(self, upload: Upload) -> tuple[bool, int]:
        if upload.kind == "reply":
            call = "SELECT sealdrop.worker_reserve_reply($1, $2)"
            return False, await self.db.fetchval(call, upload.id, upload.source_id)
        row = await self.db.fetchrow(
            "SELECT is_new, next_position FROM sealdrop.worker_reserve($1, $2, $3, $4, $5, $6)",
            upload.id,
            upload.source_id,
            upload.lookup_id,
            upload.recipient,
            upload.card,
            upload.designations,
        )
        return row["is_new"], row["next_position"]

    async def commit(self, upload: Upload, first: int, rows: list[dict[str, object]] | None = None) -> None:
        if rows is None:
            rows = [item.row(position) for position, item in enumerate(upload.items, start=first)]
        await self.db.execute(
            "SELECT sealdrop.worker_commit($1, $2, $3, $4, $5, $6)",
            upload.id,
            upload.source_id,
            upload.kind,
            json.dumps(rows),
            upload.receipt,
            upload.card,
        )

    async def finish(self, upload: Upload, rows: list[dict[str, object]] | None = None) -> tuple[bool, int]:
        """Step 3: the last transaction. Answers with what was reserved."""
        async with self.db.transaction():
            is_new, first = await self.reserve(upload)
            await self.commit(upload, first, rows)
        return is_new, first

    async def store(self, upload: Upload) -> Upload:
        await self.open(upload)
        await self.finish(upload)
        return upload

    async def discard(self, upload: Upload) -> None:
        await self.db.execute("SELECT sealdrop.worker_discard($1)", upload.id)

    async def sweep(self) -> int:
        return int(await self.db.fetchval("SELECT sealdrop.worker_sweep()"))


@asynccontextmanager
async def refused(sqlstate: str, *, quoting: bool = False) -> AsyncIterator[None]:
    """The block fails with this SQLSTATE and, unless `quoting`, a constant message that repeats no input."""
    with pytest.raises(asyncpg.PostgresError) as raised:
        yield
    error: Any = raised.value
    assert error.sqlstate == sqlstate
    if not quoting:
        assert (error.message, error.detail, error.hint) == (MESSAGES[sqlstate], None, None)


MESSAGES = {
    "SD001": "not pending",
    "SD002": "given up",
    "SD003": "no such source",
    "SD004": "mismatch",
    "SD005": "another source",
    "SD006": "no instance lock",
    "SD007": "known already",
    "SD008": "no designation free",
    "SD009": "malformed",
}
