"""What the worker signs about an upload it stores (docs/protocol.md, step 8)."""

from collections.abc import Sequence
from uuid import UUID

from contract.messages import UploadKind
from sealing.keyset import Keyset
from sealing.receipts import Receipt, ReceiptItem, SourceCard, sign_receipt, sign_source_card
from sealing.signing import SigningKey

from crypto_worker.items import StoredItem
from crypto_worker.keyset import recipients_for
from crypto_worker.work import Admitted, Binding


class Signatory:
    """Signs in the worker's name."""

    def __init__(self, identity: SigningKey, keyset: Keyset) -> None:
        self._identity = identity
        self._keyset = keyset

    def source_card(self, binding: Binding) -> bytes | None:
        """For a source's first submission: binds it to the recipient its replies are sealed to. None for a reply."""
        if binding.reply_recipient is None:
            return None
        return sign_source_card(self._identity, SourceCard(binding.source_id, binding.reply_recipient))

    def receipt(self, admitted: Admitted, items: Sequence[StoredItem], first_position: int) -> bytes:
        """What was stored, where in the conversation, and for whom it was sealed."""
        return sign_receipt(
            self._identity,
            Receipt(
                submission_id=admitted.sender.upload_id,
                source_id=admitted.binding.source_id,
                items=tuple(_line(item, first_position + number) for number, item in enumerate(items)),
                recipients=self._fingerprints(admitted.sender.kind, admitted.binding.source_id),
                keyset_generation=self._keyset.generation,
                worker=self._identity.hex,
            ),
        )

    def _fingerprints(self, kind: UploadKind, source_id: UUID) -> tuple[str, ...]:
        """Sorted. For a reply they are those of the keyset its stanzas were counted against."""
        if kind is UploadKind.REPLY:
            return self._keyset.fingerprints()
        return tuple(sorted(recipient.fingerprint().hex() for recipient in recipients_for(self._keyset, source_id)))


def _line(item: StoredItem, position: int) -> ReceiptItem:
    return ReceiptItem(
        item_id=item.item_id,
        kind=item.kind.value,
        position=position,
        payload_sha256=item.payload_sha256,
        file_sha256=item.file_sha256,
        size_class=item.size_class,
    )
