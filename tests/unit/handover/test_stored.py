"""A receipt against what was sent. The lies a worker can tell are in test_transfer.py."""

import hashlib
import uuid
from dataclasses import replace

import pytest
from contract.messages import FinishedItem, ItemKind
from handover.stored import ReceiptMismatch, Sent, check_stored
from sealing.identities import HybridIdentity
from sealing.receipts import Receipt, ReceiptItem, SourceCard, sign_receipt, sign_source_card
from sealing.signing import SigningKey

KEY = SigningKey.generate()
SOURCE_ID = uuid.uuid4()
RECIPIENT = str(HybridIdentity.generate().recipient)


def _item(number: int) -> FinishedItem:
    digest = hashlib.sha256(bytes([number])).hexdigest()
    return FinishedItem(
        item_id=uuid.uuid4(), kind=ItemKind.FILE, payload_bytes=1, payload_sha256=digest, size_class=65536
    )


SENT = Sent(uuid.uuid4(), SOURCE_ID, RECIPIENT, KEY.verify_key, (_item(1), _item(2)))


def _receipt(positions: tuple[int, int] = (4, 5)) -> Receipt:
    items = tuple(
        ReceiptItem(item.item_id, "file", position, item.payload_sha256, "ab" * 32, item.size_class)
        for item, position in zip(SENT.items, positions, strict=True)
    )
    return Receipt(SENT.upload_id, SOURCE_ID, items, ("cd" * 32,), 1, KEY.hex)


def test_a_receipt_and_card_of_what_was_sent_are_taken() -> None:
    card = SourceCard(SOURCE_ID, RECIPIENT)

    stored = check_stored(SENT, sign_receipt(KEY, _receipt()), sign_source_card(KEY, card))

    assert stored.receipt == _receipt()
    assert stored.source_card == card


@pytest.mark.parametrize("positions", [(5, 4), (4, 4)])
def test_positions_that_do_not_grow_are_refused(positions: tuple[int, int]) -> None:
    with pytest.raises(ReceiptMismatch):
        check_stored(SENT, sign_receipt(KEY, _receipt(positions)), None)


def test_items_in_another_order_are_refused() -> None:
    receipt = _receipt()
    swapped = replace(receipt, items=receipt.items[::-1])

    with pytest.raises(ReceiptMismatch):
        check_stored(SENT, sign_receipt(KEY, swapped), None)


@pytest.mark.parametrize(
    "card",
    [
        SourceCard(uuid.uuid4(), RECIPIENT),
        SourceCard(SOURCE_ID, str(HybridIdentity.generate().recipient)),
    ],
)
def test_a_card_of_another_source_or_recipient_is_refused(card: SourceCard) -> None:
    with pytest.raises(ReceiptMismatch):
        check_stored(SENT, sign_receipt(KEY, _receipt()), sign_source_card(KEY, card))


def test_a_reply_never_comes_with_a_card() -> None:
    reply = replace(SENT, reply_recipient=None)
    card = sign_source_card(KEY, SourceCard(SOURCE_ID, RECIPIENT))

    with pytest.raises(ReceiptMismatch):
        check_stored(reply, sign_receipt(KEY, _receipt()), card)


def test_a_card_by_another_worker_is_refused() -> None:
    card = sign_source_card(SigningKey.generate(), SourceCard(SOURCE_ID, RECIPIENT))

    with pytest.raises(ReceiptMismatch):
        check_stored(SENT, sign_receipt(KEY, _receipt()), card)
