"""What journalist-api may ask of the database: its own functions, by name. Errors: chassis.postgres.DatabaseError."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from chassis.postgres import DatabaseError
from contract.outcomes import Outcome

from journalist_api.accounts import Account
from journalist_api.sessions import IDLE, LONGEST, Journalist


class Database(Protocol):
    """The part of chassis.postgres.Database used here."""

    async def fetch(self, name: str, *arguments: object) -> Sequence[Any]: ...

    async def fetchrow(self, name: str, *arguments: object) -> Any | None: ...

    async def fetchval(self, name: str, *arguments: object) -> Any: ...

    async def execute(self, name: str, *arguments: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Source:
    """One conversation, as journalists see it. `card` is the worker's signed source card."""

    id: UUID
    designation: str
    reply_recipient: str
    card: bytes
    newest_day: str  #: YYYY-MM-DD, UTC
    starred: bool
    items: int


@dataclass(frozen=True, slots=True)
class Item:
    """One stored item. `file_bytes` counts the whole age file."""

    id: UUID
    submission_id: UUID
    kind: str
    position: int
    size_class: int
    file_bytes: int
    file_sha256: bytes


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item, its age header, and the source it belongs to."""

    item: Item
    header: bytes
    designation: str


class Store:
    """Reads and deletes. Nothing here adds to the vault: only the worker does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def account(self, username: str) -> Account | None:
        """The account with this username."""
        row = await self._database.fetchrow("credentials", username)
        if row is None or row["id"] is None:
            return None
        return Account(row["id"], row["passphrase_hash"], bytes(row["totp_sealed"]), row["is_admin"])

    async def use_step(self, journalist: UUID, step: int) -> bool:
        """True once per account and TOTP step, and never for one before the last used: one atomic update."""
        return bool(await self._database.fetchval("use_step", journalist, step))

    async def open_session(self, journalist: UUID, token_sha256: bytes) -> None:
        """Remember a session by its token's hash."""
        await self._database.execute("session_open", journalist, token_sha256, datetime.now(UTC) + LONGEST, IDLE)

    async def session(self, token_sha256: bytes) -> Journalist | None:
        """Whose session this is, or None if it has ended; its idle time starts again."""
        row = await self._database.fetchrow("session_touch", token_sha256)
        return None if row is None or row[0] is None else Journalist(row[0], row["username"], row["is_admin"])

    async def close_session(self, token_sha256: bytes) -> None:
        """End a session."""
        await self._database.execute("session_close", token_sha256)

    async def sources(self) -> list[Source]:
        """All sources, in the database's order."""
        return [_source(row) for row in await self._database.fetch("sources")]

    async def source(self, source_id: UUID) -> Source | None:
        """One source."""
        return next((source for source in await self.sources() if source.id == source_id), None)

    async def items(self, source_id: UUID) -> list[Item]:
        """A source's items by position; none if there is no such source."""
        rows = await self._database.fetch("items", source_id)
        return sorted((_item(row) for row in rows), key=lambda item: item.position)

    async def item(self, item_id: UUID) -> StoredItem | None:
        """One item with its header."""
        row = await self._database.fetchrow("item", item_id)
        if row is None or row["item_id"] is None:
            return None
        return StoredItem(_item(row), bytes(row["header"]), row["designation"])

    async def chunks(self, item_id: UUID, first: int, last: int) -> list[tuple[int, bytes]]:
        """Payload chunks `first` to `last`, both included, in order."""
        rows = await self._database.fetch("chunks", item_id, first, last + 1)
        return [(row["seq"], bytes(row["sealed"])) for row in rows]

    async def receipt(self, submission_id: UUID) -> bytes | None:
        """The worker's signed receipt of a submission or reply."""
        body = await self._database.fetchval("receipt", submission_id)
        return None if body is None else bytes(body)

    async def delete_item(self, item_id: UUID) -> bool:
        """False if there was none."""
        return bool(await self._database.fetchval("delete_item", item_id))

    async def delete_source(self, source_id: UUID) -> bool:
        """With all its items and receipts. False if there was none."""
        return bool(await self._database.fetchval("delete_source", source_id))

    async def give_up(self, upload_id: UUID) -> bytes | None:
        """The outcome fence (docs/protocol.md, step 9): the receipt if the worker was first, else None for good."""
        row = await self._database.fetchrow("give_up", upload_id)
        if row is None or (row["state"] == Outcome.STORED) != (row["receipt"] is not None):
            raise DatabaseError("the fence has no word for it")
        return None if row["receipt"] is None else bytes(row["receipt"])


def _source(row: Any) -> Source:
    return Source(
        id=row["id"],
        designation=row["designation"],
        reply_recipient=row["reply_recipient"],
        card=bytes(row["card"]),
        newest_day=row["newest_day"].isoformat(),
        starred=row["starred"],
        items=row["items"],
    )


def _item(row: Any) -> Item:
    return Item(
        id=row["item_id"],
        submission_id=row["submission_id"],
        kind=row["kind"],
        position=row["position"],
        size_class=row["size_class"],
        file_bytes=row["file_bytes"],
        file_sha256=bytes(row["file_sha256"]),
    )
