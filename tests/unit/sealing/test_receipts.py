"""Receipts and source cards: what comes back is what was signed, by a worker we pin, or nothing."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sealing.errors import BadSignature
from sealing.identities import HybridIdentity
from sealing.receipts import (
    Receipt,
    ReceiptItem,
    SourceCard,
    open_receipt,
    open_source_card,
    receipt_digits,
    sign_receipt,
    sign_source_card,
)
from sealing.signing import SigningKey, open_envelope, sign_envelope

WORKER, OTHER = SigningKey(b"w" * 32), SigningKey(b"o" * 32)
ITEM = ReceiptItem(UUID(int=3), "message", 1, "a" * 64, "b" * 64, 16384)
RECEIPT = Receipt(
    submission_id=UUID(int=1),
    source_id=UUID(int=2),
    items=(ITEM, replace(ITEM, item_id=UUID(int=4), kind="file", position=2, size_class=65536)),
    recipients=("c" * 64, "d" * 64),
    keyset_generation=7,
    worker=WORKER.hex,
)


def body_of(blob: bytes, context: str) -> dict[str, Any]:
    return open_envelope(WORKER.verify_key, context, blob)


def test_receipt_reads_back() -> None:
    blob = sign_receipt(WORKER, RECEIPT)
    assert open_receipt([OTHER.verify_key, WORKER.verify_key], blob) == RECEIPT


def test_receipt_of_an_unknown_worker_is_refused() -> None:
    with pytest.raises(BadSignature):
        open_receipt(OTHER.verify_key, sign_receipt(WORKER, RECEIPT))


def test_worker_cannot_sign_in_another_workers_name() -> None:
    with pytest.raises(ValueError, match="this worker"):
        sign_receipt(OTHER, RECEIPT)

    forged = sign_envelope(OTHER, "receipt/v1", body_of(sign_receipt(WORKER, RECEIPT), "receipt/v1"))

    with pytest.raises(BadSignature):
        open_receipt([OTHER.verify_key, WORKER.verify_key], forged)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"items": []},
        {"items": [1]},
        {"recipients": []},
        {"recipients": ["d" * 64, "c" * 64]},
        {"recipients": ["c" * 64, "c" * 64]},
        {"recipients": [1]},
        {"submission_id": "x"},
        {"source_id": "{00000000-0000-0000-0000-000000000002}"},
        {"source_id": 5},
        {"keyset_generation": 0},
        {"keyset_generation": True},
        {"extra": 1},
    ],
    ids=str,
)
def test_signed_receipt_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    body = body_of(sign_receipt(WORKER, RECEIPT), "receipt/v1")

    with pytest.raises(BadSignature):
        open_receipt(WORKER.verify_key, sign_envelope(WORKER, "receipt/v1", {**body, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"position": 0},
        {"position": "1"},
        {"payload_sha256": "A" * 64},
        {"file_sha256": "a" * 63},
        {"size_class": -1},
        {"extra": 1},
    ],
    ids=str,
)
def test_signed_item_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    body = body_of(sign_receipt(WORKER, RECEIPT), "receipt/v1")
    body["items"][1].update(change)

    with pytest.raises(BadSignature):
        open_receipt(WORKER.verify_key, sign_envelope(WORKER, "receipt/v1", body))


def test_receipt_that_could_not_be_read_back_is_not_signed() -> None:
    for receipt in (replace(RECEIPT, recipients=("d" * 64, "c" * 64)), replace(RECEIPT, items=())):
        with pytest.raises(ValueError, match="receipt"):
            sign_receipt(WORKER, receipt)


def test_receipt_digits_are_forty_and_follow_every_byte() -> None:
    first = sign_receipt(WORKER, RECEIPT)
    second = sign_receipt(WORKER, replace(RECEIPT, keyset_generation=8))

    assert re.fullmatch(r"\d{5}( \d{5}){7}", receipt_digits(first))
    assert receipt_digits(first) != receipt_digits(second)


def test_source_card_reads_back_and_only_as_a_source_card() -> None:
    card = SourceCard(UUID(int=9), str(HybridIdentity.generate().recipient))
    blob = sign_source_card(WORKER, card)

    assert open_source_card(WORKER.verify_key, blob) == card
    with pytest.raises(BadSignature):
        open_source_card(OTHER.verify_key, blob)
    with pytest.raises(BadSignature):
        open_receipt(WORKER.verify_key, blob)


@pytest.mark.parametrize("change", [{"reply_recipient": "age1x"}, {"reply_recipient": 1}, {"v": 2}, {"source_id": ""}])
def test_signed_source_card_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    card = SourceCard(UUID(int=9), str(HybridIdentity.generate().recipient))
    body = body_of(sign_source_card(WORKER, card), "source-card/v1")

    with pytest.raises(BadSignature):
        open_source_card(WORKER.verify_key, sign_envelope(WORKER, "source-card/v1", {**body, **change}))
