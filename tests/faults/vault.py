"""Reads the final state straight from the database, and opens every item with the viewing station's identity."""

import asyncio
import io
from hashlib import sha256
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sealing.age import open_bytes
from sealing.errors import BadSignature, CannotOpen
from sealing.receipts import Receipt, open_receipt
from sealing.signing import VerifyKey
from svs.errors import NotOpened
from svs.item import read_item
from svs.station import Station

from tests.faults.checker import FinalState, StoredItem
from tests.faults.history import Part, part
from tests.stack.postgres import SUPERUSER
from tests.stack.system import System

_ITEMS: Final = """
SELECT i.id, i.source_id, i.submission_id, i.position, i.kind, i.header, i.file_sha256, i.payload_sha256,
       r.body AS receipt
FROM sealdrop.item i LEFT JOIN sealdrop.receipt r USING (submission_id) WHERE i.kind <> 'reply'
"""
_PAYLOAD: Final = "SELECT string_agg(sealed, ''::bytea ORDER BY seq) FROM sealdrop.vault_chunk WHERE item_id = $1"
_ORPHANS: Final = """
SELECT count(*) FROM sealdrop.vault_chunk c WHERE NOT EXISTS (SELECT FROM sealdrop.item i WHERE i.id = c.item_id)
"""


class NotWhole(Exception):
    """An item that no newsroom could use. Its text says why."""


def open_item(station_identity: Any, sealed: bytes) -> Part:
    """What an age file of ours holds. Errors: NotWhole."""
    try:
        with read_item(io.BytesIO(open_bytes(sealed, [station_identity]))) as item:
            content = io.BytesIO()
            item.copy_content(content)
            return part(item.manifest.kind, item.manifest.name, content.getvalue())
    except (CannotOpen, NotOpened) as error:
        raise NotWhole(f"does not open: {error}") from error


class VaultReader:
    """Keeps what it opened once: an item never changes, and each look compares its hashes in the database again."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._worker = VerifyKey.from_hex(system.worker_key)
        self.identity = Station(system.svs_dir).unlock(system.svs_passphrase)
        self._opened: dict[tuple[str, bytes], Part] = {}

    def read(self) -> FinalState:
        """As it is now."""
        return asyncio.run(self._read())

    async def _read(self) -> FinalState:
        connection = await asyncpg.connect(self._system.postgres.dsn(SUPERUSER, self._system.database))
        try:
            items, flaws = [], []
            for row in await connection.fetch(_ITEMS):
                try:
                    items.append(await self._item(connection, row))
                except NotWhole as flaw:
                    flaws.append(f"a stored {row['kind']} {flaw}")
            return FinalState(
                sources=tuple(str(row["id"]) for row in await connection.fetch("SELECT id FROM sealdrop.source")),
                items=tuple(items),
                flaws=tuple(flaws),
                pending_uploads=await connection.fetchval("SELECT count(*) FROM sealdrop.pending"),
                orphan_chunks=await connection.fetchval(_ORPHANS),
            )
        finally:
            await connection.close()

    async def _item(self, connection: Any, row: Any) -> StoredItem:
        """Errors: NotWhole."""
        key = (str(row["id"]), row["file_sha256"])
        if key not in self._opened:
            self._check_receipt(row)
            sealed = row["header"] + (await connection.fetchval(_PAYLOAD, row["id"]) or b"")
            if sha256(sealed).digest() != row["file_sha256"]:
                raise NotWhole("has another hash than its row says")
            self._opened[key] = open_item(self.identity, sealed)
        found = self._opened[key]
        return StoredItem(str(row["source_id"]), str(row["submission_id"]), row["position"], found)

    def _check_receipt(self, row: Any) -> None:
        """Errors: NotWhole."""
        try:
            receipt: Receipt = open_receipt(self._worker, row["receipt"] or b"")
        except BadSignature:
            raise NotWhole("has no receipt of the worker") from None
        named = {(item.item_id, item.position, item.file_sha256, item.payload_sha256) for item in receipt.items}
        if (row["id"], row["position"], row["file_sha256"].hex(), row["payload_sha256"].hex()) not in named:
            raise NotWhole("is not what its receipt says")
