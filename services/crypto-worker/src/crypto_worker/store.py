"""The vault: where sealed items lie. Everything the worker needs of it is `Vault`; `TableVault` keeps it in PostgreSQL.

Theory: chunks are written early, in short transactions that do not wait for the disk; they belong to a pending upload
and nobody reads them. One last transaction, which does wait, counts them and makes them items, with receipt and
outcome. A crash in between leaves a pending upload, which the sweep removes (docs/protocol.md, steps 6, 7 and 9).
"""

import json
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from chassis.postgres import Database, DatabaseError, Session
from contract.designations import candidates
from contract.messages import UploadKind

from crypto_worker.base64_text import to_base64
from crypto_worker.chunks import Chunk
from crypto_worker.errors import OutcomeUnknown, StoreError
from crypto_worker.items import StoredItem
from crypto_worker.work import Admitted

#: The first designation not in use is taken. With 16 drawn, even 100,000 of 160,000 in use leave one chance in 1,800
#: of finding none; the upload then fails and the next one draws again.
DESIGNATIONS_DRAWN: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class Closing:
    """All that the last transaction needs. `card` is used if the source turns out to be new."""

    admitted: Admitted
    items: tuple[StoredItem, ...]
    card: bytes | None
    sign: Callable[[int], bytes]  #: the receipt, given the first item's position


@dataclass(frozen=True, slots=True, repr=False)
class Committed:
    """Signed envelopes. The card only for a new source."""

    receipt: bytes
    card: bytes | None


class Vault(Protocol):
    """A store that can hold sealed items. All errors are StoreError unless said otherwise."""

    async def open(self, upload_id: UUID) -> None:
        """An upload begins; what is written for it disappears with it unless it is committed."""

    async def begin_item(self, upload_id: UUID, item_id: UUID) -> None:
        """Chunks of this item will come."""

    async def write(self, chunks: Sequence[Chunk]) -> None:
        """Store chunks of items that were begun, all or none. They need not be durable yet."""

    async def commit(self, closing: Closing) -> Committed:
        """Everything of the upload becomes visible and durable at once. Errors: also OutcomeUnknown."""

    async def discard(self, upload_id: UUID) -> None:
        """Remove what an upload left. Never raises: what cannot be removed now is tried again by `tidy`."""

    async def tidy(self) -> None:
        """Remove what uploads of dead workers left, and what `discard` could not."""


class TableVault:
    """A table of 256 KiB chunks. `instance` answers the number whose advisory lock this process holds, or None."""

    def __init__(self, database: Database, instance: Callable[[], int | None]) -> None:
        self._database = database
        self._instance = instance
        self._leftovers: set[UUID] = set()

    async def open(self, upload_id: UUID) -> None:
        instance = self._instance()
        if instance is None:
            raise StoreError("no instance lock")
        async with self._early() as transaction:
            await transaction.execute("open_upload", upload_id, instance)

    async def begin_item(self, upload_id: UUID, item_id: UUID) -> None:
        async with self._early() as transaction:
            await transaction.execute("begin_item", upload_id, item_id)

    async def write(self, chunks: Sequence[Chunk]) -> None:
        rows = [(chunk.item_id, chunk.seq, chunk.sealed) for chunk in chunks]
        async with self._early() as transaction:
            await transaction.copy("vault_chunk", ["item_id", "seq", "sealed"], rows, schema="sealdrop")

    async def commit(self, closing: Closing) -> Committed:
        is_committing = False
        try:
            async with self._database.transaction() as transaction:
                committed = await _settle(transaction, closing)
                is_committing = True
        except DatabaseError as error:
            if is_committing and _leaves_open(error):
                raise OutcomeUnknown("the connection was lost at COMMIT") from error
            raise StoreError("not committed") from error
        return committed

    async def discard(self, upload_id: UUID) -> None:
        try:
            await self._database.execute("discard_upload", upload_id)
        except DatabaseError:
            self._leftovers.add(upload_id)
        else:
            self._leftovers.discard(upload_id)

    async def tidy(self) -> None:
        for upload_id in tuple(self._leftovers):
            await self.discard(upload_id)
        try:
            await self._database.execute("sweep")
        except DatabaseError as error:
            raise StoreError("not swept") from error

    @asynccontextmanager
    async def _early(self) -> AsyncGenerator[Session]:
        """A transaction that does not wait for the disk: the last one of the upload does, and then so have all."""
        try:
            async with self._database.transaction() as transaction:
                await transaction.execute("do_not_wait_for_disk")
                yield transaction
        except DatabaseError as error:
            raise StoreError("not written") from error


def _leaves_open(error: DatabaseError) -> bool:
    """True unless the server answered that it did not commit. A server that shuts down (57P..) may have committed."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


async def _settle(transaction: Session, closing: Closing) -> Committed:
    """Reserve positions, sign the receipt over them, commit. The source's row stays locked in between."""
    sender, binding = closing.admitted.sender, closing.admitted.binding
    card: bytes | None = None
    if sender.kind is UploadKind.REPLY:
        position = int(await transaction.fetchval("reserve_reply", sender.upload_id, binding.source_id))
    else:
        names = candidates(secrets.randbelow, DESIGNATIONS_DRAWN)
        key = (binding.lookup_id, binding.reply_recipient, closing.card)
        row = await transaction.fetchrow("reserve", sender.upload_id, binding.source_id, *key, names)
        if row is None:
            raise DatabaseError("no answer from worker_reserve")
        position = int(row["next_position"])
        card = closing.card if row["is_new"] else None
    receipt = closing.sign(position)
    lines = json.dumps([_line(item, position + number) for number, item in enumerate(closing.items)])
    arguments = (sender.upload_id, binding.source_id, sender.kind.value, lines, receipt, card)
    await transaction.execute("commit_upload", *arguments)
    return Committed(receipt, card)


def _line(item: StoredItem, position: int) -> dict[str, object]:
    return {
        "item_id": str(item.item_id),
        "kind": item.kind.value,
        "position": position,
        "size_class": item.size_class,
        "payload_bytes": item.payload_bytes,
        "chunk_count": item.chunk_count,
        "header": to_base64(item.header),
        "payload_sha256": item.payload_sha256,
        "file_sha256": item.file_sha256,
    }
