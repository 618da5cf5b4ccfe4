"""The database as a source may use it, and the outcome fence. Everything it answers comes from the hub: untrusted."""

from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from chassis.postgres import DatabaseError
from contract.outcomes import Outcome
from handover.producer import FenceUnavailable

#: What the fence may answer: the outcome, and whether it comes without a receipt.
_WORDS: Final = frozenset({(Outcome.STORED.value, False), (Outcome.GIVEN_UP.value, True)})


class Rows(Protocol):
    """The part of `chassis.postgres.Database` that is used here."""

    async def fetch(self, name: str, *arguments: object) -> list[Any]: ...
    async def fetchrow(self, name: str, *arguments: object) -> Any: ...
    async def fetchval(self, name: str, *arguments: object) -> Any: ...
    async def execute(self, name: str, *arguments: object) -> str: ...


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A source's row. `card` is the worker's signed statement of the two."""

    source_id: UUID
    card: bytes


@dataclass(frozen=True, slots=True, repr=False)
class SealedReply:
    """A reply as it is stored: together `header` and `payload` are an age file."""

    item_id: UUID
    header: bytes
    payload: bytes
    receipt: bytes


class Store:
    """Errors of all methods: chassis.postgres.DatabaseError."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, lookup_id: bytes) -> FoundSource | None:
        """The source of this codename."""
        row = await self._rows.fetchrow("source_find", lookup_id)
        return None if row is None else FoundSource(row["source_id"], row["card"])

    async def reply_ids(self, lookup_id: bytes) -> list[UUID]:
        """Its replies, newest first."""
        return [row["item_id"] for row in await self._rows.fetch("source_replies", lookup_id)]

    async def reply(self, lookup_id: bytes, item_id: UUID) -> SealedReply | None:
        """One of its replies; None if it is gone, another source's, or over 1 MiB."""
        row = await self._rows.fetchrow("source_reply", lookup_id, item_id)
        if row is None or row["sealed"] is None:
            return None
        return SealedReply(item_id, row["header"], row["sealed"], row["receipt"])

    async def delete_reply(self, lookup_id: bytes, item_id: UUID) -> bool:
        """False if this source has no such reply."""
        return bool(await self._rows.fetchval("source_delete_reply", lookup_id, item_id))

    async def settled(self, upload_id: UUID) -> None:
        """The source has been told "received": the fence's row is no longer needed."""
        await self._rows.execute("source_settled", upload_id)


class Fence:
    """`handover.fence.OutcomeFence` for submissions."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def give_up(self, upload_id: UUID) -> bytes | None:
        """None: it will never be stored. Else the receipt of what was stored. Errors: FenceUnavailable."""
        try:
            row = await self._rows.fetchrow("source_give_up", upload_id)
        except DatabaseError:
            raise FenceUnavailable("the database gave no answer") from None
        if row is None or (row["state"], row["receipt"] is None) not in _WORDS:
            raise FenceUnavailable("the fence has no word for it")
        return None if row["receipt"] is None else bytes(row["receipt"])
