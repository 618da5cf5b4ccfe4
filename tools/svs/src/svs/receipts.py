"""Finds the receipt that speaks for a sealed file, by the file's hash. Names only say where to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealing.errors import BadSignature
from sealing.receipts import Receipt, ReceiptItem, open_receipt
from sealing.signing import VerifyKey

from svs.errors import NotOpened

MOST_RECEIPT_BYTES: Final = 1024 * 1024  #: a hundred items take about 60 KiB
_MOST_FILES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Proof:
    """A receipt signed by a pinned worker, and its line about one file."""

    receipt: Receipt
    item: ReceiptItem


class ReceiptShelf:
    """Where receipts are looked for: one given file, or a directory, or beside the sealed file."""

    def __init__(self, workers: Sequence[VerifyKey], file: Path | None = None, directory: Path | None = None) -> None:
        self._workers = tuple(workers)
        self._file = file
        self._directory = directory

    def find(self, sealed: Path, file_sha256: str) -> Proof | None:
        """The proof for a sealed file; None when no receipt speaks of it.

        Errors: NotOpened when the receipt that was given for it does not verify or speaks of other files.
        """
        proofs = (proof for path in self._candidates(sealed) if (proof := self._proof(path, file_sha256)))
        proof = next(proofs, None)
        if proof is None and self._has_own(sealed):
            raise NotOpened(
                "its receipt does not fit: the file is not the one the receipt speaks of,"
                " or the receipt is not signed by a worker this station trusts"
            )
        return proof

    def _candidates(self, sealed: Path) -> Iterator[Path]:
        if self._file is not None:
            yield self._file
            return
        yield from self._own(sealed)
        for path in sorted((self._directory or sealed.parent).iterdir())[:_MOST_FILES]:
            if ".receipt" in path.name and path.is_file():
                yield path

    def _own(self, sealed: Path) -> Iterator[Path]:
        """Files whose name says that they are this file's receipt."""
        for stem in (sealed.name, sealed.name.removesuffix(".age")):
            for suffix in (".receipt", ".receipt.json"):
                path = (self._directory or sealed.parent) / (stem + suffix)
                if path.is_file():
                    yield path

    def _has_own(self, sealed: Path) -> bool:
        """Without a trusted worker no receipt says anything, for or against."""
        return bool(self._workers) and (self._file is not None or any(self._own(sealed)))

    def _proof(self, path: Path, file_sha256: str) -> Proof | None:
        try:
            with path.open("rb") as file:
                blob = file.read(MOST_RECEIPT_BYTES + 1)
        except OSError as error:
            if path == self._file:
                raise NotOpened(f"its receipt cannot be read: {error.strerror}") from error
            return None
        try:
            receipt = open_receipt(self._workers, blob.strip())
        except BadSignature:
            return None
        item = next((item for item in receipt.items if item.file_sha256 == file_sha256), None)
        return Proof(receipt, item) if item else None
