"""Items, receipts and a station as the real parts make them, small enough for many tests."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

from sealing.header import seal_header
from sealing.identities import HybridIdentity, parse_identity
from sealing.item import ItemSealer
from sealing.keyset import Keyset, open_keyset
from sealing.receipts import Receipt, ReceiptItem, sign_receipt
from sealing.recipients import Recipient
from sealing.secrets import FileKey
from sealing.signing import SigningKey
from svs.keygen import make_station
from svs.seals import unprotect

PASSPHRASE = "correct horse battery staple and more"
WORKER = SigningKey(b"w" * 32)
STRANGER = SigningKey(b"x" * 32)
SOURCE = HybridIdentity.from_seed(b"s" * 32)
SOURCE_ID = UUID("6f1c3d52-7a0e-4b58-9c55-0d2f4e9ab001")


@dataclass(frozen=True)
class Sealed:
    """One sealed item, and the receipt's line about it."""

    blob: bytes
    item: ReceiptItem


def seal_item(
    recipient: Recipient,
    content: bytes,
    *,
    kind: str = "file",
    name: str | None = "report.pdf",
    position: int = 1,
    reply_recipient: str | None = None,
) -> Sealed:
    """As source-api and crypto-worker together do it."""
    file_key, item_id = FileKey.random(), uuid4()
    recipient_inside = str(SOURCE.recipient) if reply_recipient is None else reply_recipient
    sealer = ItemSealer(file_key, kind, item_id, recipient_inside, name)
    payload = sealer.update(content) + sealer.final()
    blob = seal_header(file_key, [recipient]) + payload
    line = ReceiptItem(
        item_id=item_id,
        kind=kind,
        position=position,
        payload_sha256=sealer.payload_sha256,
        file_sha256=sha256(blob).hexdigest(),
        size_class=sealer.size_class,
    )
    return Sealed(blob, line)


def seal_stream(recipient: Recipient, content: Iterable[bytes], path: Path, name: str) -> None:
    """A large file, sealed as it streams by."""
    file_key = FileKey.random()
    sealer = ItemSealer(file_key, "file", uuid4(), str(SOURCE.recipient), name)
    with path.open("wb") as file:
        file.write(seal_header(file_key, [recipient]))
        for piece in content:
            file.write(sealer.update(piece))
        for piece in sealer.finish():
            file.write(piece)


@dataclass(frozen=True)
class SampleStation:
    """A station's directory with its keys at hand."""

    directory: Path
    keyset: Keyset
    identity: HybridIdentity

    @property
    def recipient(self) -> Recipient:
        return self.keyset.recipients[0]

    def receipt(self, *items: ReceiptItem, worker: SigningKey = WORKER, source_id: UUID = SOURCE_ID) -> bytes:
        """A receipt over these items, as a worker with this station's keyset signs it."""
        receipt = Receipt(
            submission_id=uuid4(),
            source_id=source_id,
            items=items,
            recipients=self.keyset.fingerprints(),
            keyset_generation=self.keyset.generation,
            worker=worker.hex,
        )
        return sign_receipt(worker, receipt)

    def seal(self, directory: Path, content: bytes, *, file_name: str = "item.age", **about: object) -> Path:
        """Writes a sealed item and, beside it, its receipt."""
        sealed = seal_item(self.recipient, content, **about)  # type: ignore[arg-type] # names are checked by seal_item
        path = directory / file_name
        path.write_bytes(sealed.blob)
        (directory / f"{file_name}.receipt.json").write_bytes(self.receipt(sealed.item))
        return path


def new_station(directory: Path, log_n: int = 4) -> SampleStation:
    """A station with a cheap passphrase: the work factor is age's business, not these tests'."""
    made = make_station(directory, "The Daily", 1, PASSPHRASE, log_n)
    keyset = open_keyset(bytes.fromhex(made.root_public), (directory / "keyset.json").read_bytes())
    text = unprotect((directory / "identity.age").read_bytes(), PASSPHRASE).decode()
    identity = parse_identity(text.splitlines()[1])
    assert isinstance(identity, HybridIdentity)
    return SampleStation(directory, keyset, identity)
