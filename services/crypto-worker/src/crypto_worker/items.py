"""Items on their way into the vault (docs/protocol.md, step 6).

Theory: the payload of a submission's item comes sealed. The worker wraps its file key for the keyset and verifies every
chunk's tag with that key, without decrypting: what is stored opens, and no plaintext is ever in this process.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contract.messages import FinishedItem, ItemKind, ItemStart
from sealing.checker import PayloadChecker, sealed_payload_length
from sealing.errors import PayloadFailure
from sealing.header import Wraps, seal_header
from sealing.padding import is_size_class
from sealing.secrets import FileKey

from crypto_worker.chunks import Chunk, Cutter
from crypto_worker.errors import Altered, Broken


@dataclass(frozen=True, slots=True, repr=False)
class StoredItem:
    """One item as it lies in the vault. Hashes are SHA-256 in hex; `payload_bytes` counts what is cut into chunks."""

    item_id: UUID
    kind: ItemKind
    size_class: int
    payload_bytes: int
    chunk_count: int
    header: bytes
    payload_sha256: str
    file_sha256: str


class Item(Protocol):
    """An item being received."""

    @property
    def start(self) -> ItemStart: ...

    def take(self, sealed: bytes) -> list[Chunk]:
        """Bytes in, whole chunks out. Errors: Broken."""

    def end(self) -> list[Chunk]:
        """No more bytes come: the last chunk. Errors: Broken if the item is not whole."""

    def confirm(self, claim: FinishedItem) -> StoredItem:
        """After `end`: what is stored, if it is what the producer says it sent. Errors: Broken."""


class SubmissionItem:
    """An item of a submission: a payload under a key the worker derives."""

    def __init__(self, start: ItemStart, file_key: FileKey, recipients: Sequence[Wraps]) -> None:
        self.start = start
        self._header = seal_header(file_key, recipients)
        self._checker = PayloadChecker(file_key)
        self._payload_hash = hashlib.sha256()
        self._file_hash = hashlib.sha256(self._header)
        self._cutter = Cutter(start.item_id)

    def take(self, sealed: bytes) -> list[Chunk]:
        try:
            self._checker.update(sealed)
        except PayloadFailure as error:
            raise Altered("a chunk's tag does not verify") from error
        self._payload_hash.update(sealed)
        self._file_hash.update(sealed)
        return self._cutter.push(sealed)

    def end(self) -> list[Chunk]:
        try:
            self._checker.final()
        except PayloadFailure as error:
            raise Altered("the last chunk is missing or does not verify") from error
        return self._cutter.finish()

    def confirm(self, claim: FinishedItem) -> StoredItem:
        payload_bytes = self._cutter.total_bytes
        payload_sha256 = self._payload_hash.hexdigest()
        check_claim(self.start, claim, payload_bytes, payload_sha256)
        check_length(claim, payload_bytes)
        return StoredItem(
            item_id=self.start.item_id,
            kind=self.start.kind,
            size_class=claim.size_class,
            payload_bytes=payload_bytes,
            chunk_count=self._cutter.count,
            header=self._header,
            payload_sha256=payload_sha256,
            file_sha256=self._file_hash.hexdigest(),
        )


def check_claim(start: ItemStart, claim: FinishedItem, sent_bytes: int, sent_sha256: str) -> None:
    """FINISH says what the frames said: same item, same kind, same bytes. Errors: Broken."""
    announced = (start.item_id, start.kind, sent_bytes, sent_sha256)
    if (claim.item_id, claim.kind, claim.payload_bytes, claim.payload_sha256) != announced:
        raise Broken("an item is not what FINISH says")


def check_length(claim: FinishedItem, payload_bytes: int) -> None:
    """The payload is as long as a ZIP of its size class makes it: no true size is ever stored. Errors: Broken."""
    if not is_size_class(claim.kind, claim.size_class):
        raise Broken("not a size class")
    if payload_bytes != sealed_payload_length(claim.size_class):
        raise Broken("the payload is not of its size class")
