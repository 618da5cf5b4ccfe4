"""Receipts and source cards: what crypto-worker signs about what it stored.

Theory: source-api compares a receipt with what it sent before it says "received"; the SVS verifies it years later
against the pinned worker key. Neither trusts the database or the broker in between.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sealing.digits import digit_groups
from sealing.errors import BadRecipient, BadSignature
from sealing.recipients import parse_recipient
from sealing.signing import SigningKey, VerifyKey, open_envelope_by, sign_envelope

RECEIPT_CONTEXT = "receipt/v1"
SOURCE_CARD_CONTEXT = "source-card/v1"
ITEM_KINDS = ("message", "file", "reply")
_HEX_256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ReceiptItem:
    """One stored item. Hashes are SHA-256 in lower-case hex: of the payload with its nonce, and of the whole age file.

    `position` counts from 1 within the source's conversation; `size_class` is the padded ZIP's length in bytes.
    """

    item_id: UUID
    kind: str
    position: int
    payload_sha256: str
    file_sha256: str
    size_class: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """One stored submission or reply. `recipients` are sorted fingerprints, `worker` a public key, all in hex."""

    submission_id: UUID
    source_id: UUID
    items: tuple[ReceiptItem, ...]
    recipients: tuple[str, ...]
    keyset_generation: int
    worker: str


@dataclass(frozen=True, slots=True)
class SourceCard:
    """Binds a source to the recipient its replies are sealed to."""

    source_id: UUID
    reply_recipient: str


def sign_receipt(key: SigningKey, receipt: Receipt) -> bytes:
    """The signed blob. Errors: ValueError when the receipt names another worker, or could not be read back."""
    body = _receipt_body(receipt)
    if receipt.worker != key.hex or _read_receipt(body) != receipt:
        raise ValueError("not a receipt of this worker")
    return sign_envelope(key, RECEIPT_CONTEXT, body)


def open_receipt(worker_keys: VerifyKey | Iterable[VerifyKey], blob: bytes) -> Receipt:
    """The receipt. Errors: BadSignature unless one of these workers signed it in its own name."""
    key, body = open_envelope_by(worker_keys, RECEIPT_CONTEXT, blob)
    try:
        receipt = _read_receipt(body)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSignature("a receipt of a shape we do not know") from error
    if receipt.worker != key.hex:
        raise BadSignature("a receipt in another worker's name")
    return receipt


def receipt_digits(blob: bytes) -> str:
    """What a source may write down: SHA-256 of the blob as 40 digits in groups of five."""
    return digit_groups(sha256(blob).digest())


def sign_source_card(key: SigningKey, card: SourceCard) -> bytes:
    """The signed blob."""
    body = {"v": 1, "source_id": str(card.source_id), "reply_recipient": card.reply_recipient}
    return sign_envelope(key, SOURCE_CARD_CONTEXT, body)


def open_source_card(worker_keys: VerifyKey | Iterable[VerifyKey], blob: bytes) -> SourceCard:
    """The card. Errors: BadSignature unless one of these workers signed it and it names a recipient."""
    _, body = open_envelope_by(worker_keys, SOURCE_CARD_CONTEXT, blob)
    try:
        _expect(body, {"v", "source_id", "reply_recipient"})
        recipient = str(parse_recipient(body["reply_recipient"]))
        return SourceCard(_uuid(body["source_id"]), recipient)
    except (KeyError, TypeError, ValueError, AttributeError, BadRecipient) as error:
        raise BadSignature("a source card of a shape we do not know") from error


def _receipt_body(receipt: Receipt) -> dict[str, Any]:
    return {
        "v": 1,
        "submission_id": str(receipt.submission_id),
        "source_id": str(receipt.source_id),
        "items": [_item_body(item) for item in receipt.items],
        "recipients": list(receipt.recipients),
        "keyset_generation": receipt.keyset_generation,
        "worker": receipt.worker,
    }


def _item_body(item: ReceiptItem) -> dict[str, Any]:
    return {
        "item_id": str(item.item_id),
        "kind": item.kind,
        "position": item.position,
        "payload_sha256": item.payload_sha256,
        "file_sha256": item.file_sha256,
        "size_class": item.size_class,
    }


def _read_receipt(body: dict[str, Any]) -> Receipt:
    _expect(body, {"v", "submission_id", "source_id", "items", "recipients", "keyset_generation", "worker"})
    recipients = tuple(_hash(text) for text in body["recipients"])
    items = tuple(_read_item(item) for item in body["items"])
    if not items or not recipients or list(recipients) != sorted(set(recipients)):
        raise ValueError("a receipt without items, or with unsorted recipients")
    return Receipt(
        submission_id=_uuid(body["submission_id"]),
        source_id=_uuid(body["source_id"]),
        items=items,
        recipients=recipients,
        keyset_generation=_positive(body["keyset_generation"]),
        worker=_hash(body["worker"]),
    )


def _read_item(body: dict[str, Any]) -> ReceiptItem:
    if set(body) != {"item_id", "kind", "position", "payload_sha256", "file_sha256", "size_class"}:
        raise ValueError("other fields")
    if body["kind"] not in ITEM_KINDS:
        raise ValueError("another kind")
    return ReceiptItem(
        item_id=_uuid(body["item_id"]),
        kind=body["kind"],
        position=_positive(body["position"]),
        payload_sha256=_hash(body["payload_sha256"]),
        file_sha256=_hash(body["file_sha256"]),
        size_class=_positive(body["size_class"]),
    )


def _expect(body: dict[str, Any], fields: set[str]) -> None:
    if set(body) != fields or type(body["v"]) is not int or body["v"] != 1:
        raise ValueError("other fields")


def _uuid(text: str) -> UUID:
    value = UUID(text)
    if str(value) != text:
        raise ValueError("a UUID in another spelling")
    return value


def _hash(text: str) -> str:
    if not _HEX_256.fullmatch(text):
        raise ValueError("not a SHA-256 in hex")
    return text


def _positive(number: int) -> int:
    if type(number) is not int or number < 1:
        raise ValueError("not a positive number")
    return number
