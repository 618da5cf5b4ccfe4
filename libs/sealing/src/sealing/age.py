"""Whole age files, sealed and opened as streams in constant memory. The SVS and the tests use this end-to-end form.

Theory: `Opener` releases plaintext chunk by chunk as it verifies, so a cut file yields a verified beginning and then an
error. Whoever writes to disk therefore writes to a partial name and renames after `final`. Source: C2SP age.md.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sealing.armor import Dearmor, looks_armored
from sealing.errors import CannotOpen, HeaderFailure
from sealing.header import Wraps, open_header, read_header, seal_header
from sealing.identities import Identity
from sealing.payload import NONCE_BYTES, PayloadOpener, PayloadSealer
from sealing.secrets import FileKey

_READ_BYTES = 256 * 1024


class Reader(Protocol):
    """A binary file to read from; empty bytes mean its end."""

    def read(self, size: int, /) -> bytes: ...


class Writer(Protocol):
    """A binary file to write to."""

    def write(self, piece: bytes, /) -> object: ...


def seal(reader: Reader, writer: Writer, recipients: Sequence[Wraps]) -> None:
    """Seal everything `reader` gives. Errors: BadRecipient, before anything is written."""
    file_key = FileKey.random()
    payload = PayloadSealer(file_key)
    writer.write(seal_header(file_key, recipients) + payload.start())
    while plaintext := reader.read(_READ_BYTES):
        writer.write(payload.update(plaintext))
    writer.write(payload.final())


def open_(reader: Reader, writer: Writer, identities: Iterable[Identity]) -> None:
    """Open everything `reader` gives, armored or not.

    Errors: CannotOpen, possibly after a verified beginning was written: only a normal return means that it is whole.
    """
    opener = Opener(identities)
    while sealed := reader.read(_READ_BYTES):
        writer.write(opener.update(sealed))
    writer.write(opener.final())


def seal_bytes(plaintext: bytes, recipients: Sequence[Wraps]) -> bytes:
    """A whole small file in memory. Errors: BadRecipient."""
    file_key = FileKey.random()
    payload = PayloadSealer(file_key)
    start = seal_header(file_key, recipients) + payload.start()
    return start + payload.update(plaintext) + payload.final()


def open_bytes(sealed: bytes, identities: Iterable[Identity]) -> bytes:
    """A whole small file in memory: all of it, or an error. Errors: CannotOpen."""
    opener = Opener(identities)
    return opener.update(sealed) + opener.final()


class Opener:
    """A sealed file in, verified plaintext out. After an error it stays unusable.

    `armored` forces or forbids armor; None looks at the first byte.
    """

    def __init__(self, identities: Iterable[Identity], armored: bool | None = None) -> None:
        self._identities = tuple(identities)
        self._armored = armored
        self._dearmor: Dearmor | None = Dearmor() if armored else None
        self._start = bytearray()
        self._payload: PayloadOpener | None = None
        self._is_broken = False

    def update(self, sealed: bytes) -> bytes:
        """Plaintext of the chunks that are complete. Errors: CannotOpen, now or at the next call."""
        self._enter()
        if self._armored is None and sealed:
            self._armored = looks_armored(sealed)
            self._dearmor = Dearmor() if self._armored else None
        plaintext = self._push(self._dearmor.update(sealed) if self._dearmor else sealed)
        self._is_broken = False
        return plaintext

    def final(self) -> bytes:
        """The rest of the plaintext; the file was whole. Errors: CannotOpen."""
        self._enter()
        plaintext = self._push(self._dearmor.final()) if self._dearmor else b""
        if self._payload is None:
            raise HeaderFailure("the header is cut")
        return plaintext + self._payload.final()

    def _enter(self) -> None:
        """Broken until the step succeeds: an error caught by mistake never turns into a success later."""
        if self._is_broken:
            raise CannotOpen("opening failed before, or is over")
        self._is_broken = True

    def _push(self, piece: bytes) -> bytes:
        if self._payload is not None:
            return self._payload.update(piece)
        self._start += piece
        header = read_header(bytes(self._start))
        # The payload's nonce counts as part of the start: without it there is no payload to speak of.
        if header is None or len(self._start) < header.length + NONCE_BYTES:
            return b""
        self._payload = PayloadOpener(open_header(header, self._identities))
        rest, self._start = self._start[header.length :], bytearray()
        return self._payload.update(rest)
