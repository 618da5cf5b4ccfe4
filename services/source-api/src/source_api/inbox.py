"""Log-in and replies: the one place where a reply is in clear, for the page being rendered.

Theory: the database is the hub's, so nothing it says is believed: a source's row only with a card that a pinned worker
signed for exactly the recipient derived here, and a reply only with a receipt over exactly these bytes.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from contract.messages import ItemKind
from sealing.age import open_bytes
from sealing.errors import BadSignature, CannotOpen
from sealing.item import open_item_bytes
from sealing.receipts import SourceCard, open_receipt, open_source_card
from sealing.signing import VerifyKey

from source_api.derivation import Derivation, SourceKeys
from source_api.sessions import Source
from source_api.store import SealedReply, Store

MOST_REPLIES: Final = 100  #: opened for one page; older ones show when newer ones are deleted


class Untrusted(Exception):
    """The database says what no worker signed."""


class SourceGone(Exception):
    """The newsroom deleted this source."""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """One reply for the page. `text` is None when it could not be verified or opened."""

    item_id: UUID
    text: str | None
    position: int = 0  #: in the conversation, as the worker signed it


class Inbox:
    """Reads on behalf of one source at a time."""

    def __init__(self, store: Store, derivation: Derivation, worker_keys: Iterable[VerifyKey]) -> None:
        self._store = store
        self._derivation = derivation
        self._workers = tuple(worker_keys)
        self.words = derivation.words

    async def log_in(self, codename: str) -> Source | None:
        """The source of this codename. The same work is done for one that nobody has.

        Errors: TooBusy, DatabaseError, Untrusted.
        """
        keys = await self._derivation.keys(codename)
        found = await self._store.find(keys.lookup_id)
        if found is None:
            return None
        check_card(self._workers, keys, found.source_id, found.card)
        return Source(keys, found.source_id, is_known=True)

    async def read(self, source: Source) -> list[Reply]:
        """Newest first, by the signed positions: the database could tell them in another order, or one of them twice.

        Those that cannot be read come last. Errors: DatabaseError, SourceGone.
        """
        if await self._store.find(source.keys.lookup_id) is None:
            raise SourceGone
        ids = dict.fromkeys(await self._store.reply_ids(source.keys.lookup_id))
        replies = [await self._open(source, item_id) for item_id in tuple(ids)[:MOST_REPLIES]]
        return sorted(replies, key=lambda reply: reply.position, reverse=True)

    async def delete(self, source: Source, item_id: UUID) -> None:
        """That reply, if it is this source's. Errors: DatabaseError."""
        await self._store.delete_reply(source.keys.lookup_id, item_id)

    async def delete_all(self, source: Source, shown: Sequence[UUID]) -> None:
        """Those the source has seen: a reply that came meanwhile stays. Errors: DatabaseError."""
        for item_id in shown:
            await self.delete(source, item_id)

    async def _open(self, source: Source, item_id: UUID) -> Reply:
        sealed = await self._store.reply(source.keys.lookup_id, item_id)
        if sealed is None:
            return Reply(item_id, None)
        try:
            return await asyncio.to_thread(open_reply, self._workers, source, sealed)
        except (BadSignature, CannotOpen):
            return Reply(item_id, None)


def check_card(workers: Sequence[VerifyKey], keys: SourceKeys, source_id: UUID, card: bytes) -> None:
    """Errors: Untrusted unless a worker signed that this source has this recipient."""
    try:
        signed = open_source_card(workers, card)
    except BadSignature:
        raise Untrusted("card") from None
    if signed != SourceCard(source_id, str(keys.identity.recipient)):
        raise Untrusted("card")


def open_reply(workers: Sequence[VerifyKey], source: Source, sealed: SealedReply) -> Reply:
    """The reply in clear. Errors: BadSignature, CannotOpen."""
    age_file = sealed.header + sealed.payload
    receipt = open_receipt(workers, sealed.receipt)
    item = next((item for item in receipt.items if item.item_id == sealed.item_id), None)
    if item is None or receipt.source_id != source.source_id or item.kind != ItemKind.REPLY:
        raise BadSignature("a receipt of something else")
    if item.file_sha256 != sha256(age_file).hexdigest():
        raise BadSignature("a receipt of other bytes")
    manifest, content = open_item_bytes(open_bytes(age_file, [source.keys.identity]))
    if manifest.item_id != sealed.item_id or manifest.kind != ItemKind.REPLY:
        raise CannotOpen("another item")
    return Reply(sealed.item_id, content.decode("utf-8", "replace"), item.position)
