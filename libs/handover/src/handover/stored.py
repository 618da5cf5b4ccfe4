"""What a producer holds in hands when an upload is stored, and how it is held against what was sent. Pure.

Theory: this comparison is the whole of "received means safe". A worker's signature alone says that a worker stored
something; only ids, kinds, sizes and payload hashes equal to ours say that it stored what the source sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from contract.messages import FinishedItem
from sealing.errors import BadSignature
from sealing.receipts import Receipt, ReceiptItem, SourceCard, open_receipt, open_source_card
from sealing.signing import VerifyKey


@dataclass(frozen=True, slots=True)
class Stored:
    """Receipt and source card, opened and as the worker signed them. The card comes with a new source only."""

    receipt: Receipt
    receipt_blob: bytes
    source_card: SourceCard | None = None
    source_card_blob: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload's receipt must say."""

    upload_id: UUID  #: the submission's id
    source_id: UUID
    reply_recipient: str | None  #: what a source card must name; None where no card may come
    worker: VerifyKey
    items: tuple[FinishedItem, ...]


class ReceiptMismatch(Exception):
    """Not signed by this worker, or not about what was sent. Never an acknowledgement."""


def check_stored(sent: Sent, receipt_blob: bytes, card_blob: bytes | None) -> Stored:
    """Errors: ReceiptMismatch."""
    try:
        receipt = open_receipt(sent.worker, receipt_blob)
        card = None if card_blob is None else open_source_card(sent.worker, card_blob)
    except BadSignature:
        raise ReceiptMismatch("a receipt or card this worker did not sign") from None
    if (receipt.submission_id, receipt.source_id) != (sent.upload_id, sent.source_id):
        raise ReceiptMismatch("a receipt of another submission or source")
    if not _are_same(sent.items, receipt.items):
        raise ReceiptMismatch("a receipt of other items")
    if card is not None and card != SourceCard(sent.source_id, sent.reply_recipient or ""):
        raise ReceiptMismatch("a card of another source")
    return Stored(receipt, receipt_blob, card, card_blob)


def _are_same(sent: Sequence[FinishedItem], stored: Sequence[ReceiptItem]) -> bool:
    """The same items in the same order, at positions that grow."""
    ours = [(item.item_id, str(item.kind), item.payload_sha256, item.size_class) for item in sent]
    theirs = [(item.item_id, item.kind, item.payload_sha256, item.size_class) for item in stored]
    positions = [item.position for item in stored]
    return ours == theirs and positions == sorted(set(positions))
