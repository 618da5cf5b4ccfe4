"""Opens one sealed file: receipt, decryption, ZIP, name; the order in which anything can go wrong.

    1  hash the file; find the receipt that speaks of this hash, signed by a pinned worker
    2  decrypt into a `.partial` file while hashing again: what is decrypted is what was verified, even if the
       medium gives other bytes the second time
    3  read the ZIP strictly, compare it with the receipt (item id, kind, size class)
    4  copy the content into a second `.partial` file, and give it a safe name that is not taken

Whatever fails, both `.partial` files are removed, and no other file has been made.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sealing.errors import CannotOpen
from sealing.manifest import Manifest
from sealing.receipts import Receipt

from svs.errors import NotOpened
from svs.files import keep, partial_file
from svs.item import Item, read_item
from svs.names import safe_name
from svs.receipts import Proof, ReceiptShelf
from svs.seals import Identity, decrypt, hash_of
from svs.station import Acquaintance, Station

MOST_TEXT_BYTES: Final = 512 * 1024  #: of a message shown in the terminal; the file has all of it


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened, and what is known about it."""

    path: Path
    manifest: Manifest
    proof: Proof | None
    acquaintance: Acquaintance | None
    text: str | None  #: of a message or reply, for the terminal
    is_text_cut: bool
    has_foreign_recipients: bool  #: the receipt names other keys than the station's keyset


class Desk:
    """Opens files for one command."""

    def __init__(
        self, station: Station, identity: Identity, shelf: ReceiptShelf, out: Path, *, allow_unverified: bool
    ) -> None:
        self._station = station
        self._keyset = station.keyset()
        self._identity = identity
        self._shelf = shelf
        self._out = out
        self._allow_unverified = allow_unverified

    def open_file(self, sealed: Path) -> Opened:
        """Errors: NotOpened, with the reason in plain words; OSError."""
        with sealed.open("rb") as file:
            digest = hash_of(file)
            proof = self._prove(sealed, digest)
            with partial_file(self._out) as whole:
                file.seek(0)
                decrypt(file, whole.file, self._identity, digest)
                with read_item(whole.file) as item:
                    return self._put_out(item, proof)

    def _prove(self, sealed: Path, digest: str) -> Proof | None:
        proof = self._shelf.find(sealed, digest)
        if proof is None and not self._allow_unverified:
            raise NotOpened(
                "no receipt: not verified. Bring its receipt too, or add --unverified to open it all the same"
            )
        return proof

    def _put_out(self, item: Item, proof: Proof | None) -> Opened:
        if proof is not None:
            _compare(item, proof)
        text, is_cut = None, False
        with partial_file(self._out) as content:
            item.copy_content(content.file)
            if item.manifest.kind != "file":
                text, is_cut = _beginning(content.file)
            acquaintance = self._meet(item.manifest, proof)
            path = keep(content, _name(item.manifest, proof))
        is_foreign = proof is not None and self._names_other_keys(proof.receipt)
        return Opened(path, item.manifest, proof, acquaintance, text, is_cut, is_foreign)

    def _meet(self, manifest: Manifest, proof: Proof | None) -> Acquaintance | None:
        """Only what a receipt ties to a source teaches us anything about it; replies are the newsroom's own."""
        if proof is None or manifest.kind == "reply":
            return None
        try:
            return self._station.meet(proof.receipt.source_id, manifest.reply_recipient)
        except CannotOpen as error:
            raise NotOpened("what is inside names no recipient for replies") from error

    def _names_other_keys(self, receipt: Receipt) -> bool:
        """Of another generation only this is known: the key it was opened with must be among them."""
        if receipt.keyset_generation == self._keyset.generation:
            return receipt.recipients != self._keyset.fingerprints()
        return self._identity.recipient.fingerprint().hex() not in receipt.recipients


def _compare(item: Item, proof: Proof) -> None:
    """Errors: NotOpened unless what is inside is what the receipt says."""
    said, found = proof.item, item.manifest
    if (said.item_id, said.kind, said.size_class) != (found.item_id, found.kind, item.zip_bytes):
        raise NotOpened("what is inside is not what its receipt says (item, kind or size)")


def _beginning(file: BinaryIO) -> tuple[str, bool]:
    file.seek(0)
    raw = file.read(MOST_TEXT_BYTES + 1)
    return raw[:MOST_TEXT_BYTES].decode(errors="replace"), len(raw) > MOST_TEXT_BYTES


def _name(manifest: Manifest, proof: Proof | None) -> str:
    place = f"-{proof.item.position}" if proof else ""
    if manifest.kind == "file":
        return safe_name(manifest.name, f"file{place}.bin")
    return f"{manifest.kind}{place}.txt"
