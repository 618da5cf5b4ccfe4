"""The age v1 header: who can unwrap the file key, authenticated by that key. Says nothing of the payload.

Theory: the header is made in crypto-worker and the payload in source-api; the file key is all they share.
Source: C2SP age.md, "Header".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from sealing.errors import BadRecipient, HeaderFailure, HmacFailure, NoMatch
from sealing.hkdf import derive_key
from sealing.identities import Identity
from sealing.passphrase import SCRYPT_KIND
from sealing.secrets import FileKey
from sealing.stanza import BODY_LINE_LETTERS, Stanza, from_base64, to_base64

INTRO = b"age-encryption.org/v1\n"
#: Sixteen hybrid stanzas take 26 KiB. Without a bound, a header could be made to fill memory.
MOST_HEADER_BYTES = 64 * 1024
_MAC_BYTES = 32
_MAC_MARK = b"---"


class Wraps(Protocol):
    """Any recipient: it has a kind, and wraps a file key into a stanza."""

    @property
    def kind(self) -> str: ...

    def wrap(self, file_key: FileKey) -> Stanza: ...


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header, not yet authenticated. `length` counts its bytes, to where the payload begins."""

    stanzas: tuple[Stanza, ...]
    signed: bytes = field(repr=False)
    mac: bytes = field(repr=False)
    length: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """Stanza types in order, as they stand in the file."""
        return tuple(stanza.kind for stanza in self.stanzas)


def seal_header(file_key: FileKey, recipients: Sequence[Wraps]) -> bytes:
    """The header that wraps `file_key` for every recipient.

    Errors: BadRecipient when there is none, or when kinds are mixed: the weakest stanza opens the file.
    """
    if not recipients:
        raise BadRecipient("nobody to seal to")
    if len({recipient.kind for recipient in recipients}) > 1:
        raise BadRecipient("recipients of different kinds never share a file")
    if recipients[0].kind == SCRYPT_KIND and len(recipients) > 1:
        raise BadRecipient("a passphrase stands alone in a file")
    stanzas = b"".join(recipient.wrap(file_key).encode() for recipient in recipients)
    signed = INTRO + stanzas + _MAC_MARK
    return signed + b" " + to_base64(_mac(file_key, signed).finalize()).encode("ascii") + b"\n"


def read_header(buffer: bytes) -> Header | None:
    """The header at the start of `buffer`; None while more bytes are needed.

    Errors: HeaderFailure as soon as the bytes cannot become a header of at most 64 KiB.
    """
    if not buffer.startswith(INTRO[: len(buffer)]):
        raise HeaderFailure("not an age v1 file")
    lines = buffer[:MOST_HEADER_BYTES].split(b"\n")[:-1]
    header = _parse(lines[1:]) if lines else None
    if header is None and len(buffer) >= MOST_HEADER_BYTES:
        raise HeaderFailure("a header without an end")
    return header


def open_header(header: Header, identities: Iterable[Identity]) -> FileKey:
    """The file key. Errors: NoMatch, HeaderFailure for a malformed stanza, HmacFailure for an altered header."""
    unwrapped = (identity.unwrap(header.stanzas) for identity in identities)
    file_key = next((key for key in unwrapped if key is not None), None)
    if file_key is None:
        raise NoMatch("sealed to somebody else")
    check_header(header, file_key)
    return file_key


def check_header(header: Header, file_key: FileKey) -> None:
    """Errors: HmacFailure unless `file_key` authenticates the header."""
    try:
        _mac(file_key, header.signed).verify(header.mac)
    except InvalidSignature as error:
        raise HmacFailure("the header was altered") from error


def _mac(file_key: FileKey, signed: bytes) -> HMAC:
    mac = HMAC(derive_key(file_key.raw, info=b"header"), SHA256())
    mac.update(signed)
    return mac


def _parse(lines: list[bytes]) -> Header | None:
    """Lines after the intro, complete ones only. None when the closing line is not among them."""
    stanzas: list[Stanza] = []
    place, length = 0, len(INTRO)
    while place < len(lines):
        line = lines[place]
        if line.startswith(_MAC_MARK):
            return _close(stanzas, lines[:place], line, length)
        taken = _read_stanza(lines, place)
        if taken is None:
            return None
        stanzas.append(taken[0])
        length += sum(len(part) + 1 for part in lines[place : place + taken[1]])
        place += taken[1]
    return None


def _close(stanzas: list[Stanza], lines: list[bytes], closing: bytes, length: int) -> Header:
    if not stanzas:
        raise HeaderFailure("a header without stanzas")
    if SCRYPT_KIND in (stanza.kind for stanza in stanzas) and len(stanzas) > 1:
        raise HeaderFailure("a passphrase does not stand alone")
    if not closing.startswith(_MAC_MARK + b" "):
        raise HeaderFailure("a malformed closing line")
    mac = _base64_of(closing[len(_MAC_MARK) + 1 :])
    if len(mac) != _MAC_BYTES:
        raise HeaderFailure("a mac of a wrong length")
    signed = INTRO + b"".join(line + b"\n" for line in lines) + _MAC_MARK
    return Header(tuple(stanzas), signed, mac, length + len(closing) + 1)


def _read_stanza(lines: list[bytes], place: int) -> tuple[Stanza, int] | None:
    """The stanza at `place` and how many lines it takes; None when its body has not ended yet."""
    if not lines[place].startswith(b"-> "):
        raise HeaderFailure("neither a stanza nor an end")
    args = lines[place][3:].split(b" ")
    if not all(arg and all(33 <= letter <= 126 for letter in arg) for arg in args):
        raise HeaderFailure("malformed stanza arguments")
    body: list[bytes] = []
    for number in range(place + 1, len(lines)):
        line = lines[number]
        if len(line) > BODY_LINE_LETTERS:
            raise HeaderFailure("a body line that is too long")
        body.append(_base64_of(line))
        if len(line) < BODY_LINE_LETTERS:
            return Stanza(tuple(arg.decode("ascii") for arg in args), b"".join(body)), 1 + len(body)
    return None


def _base64_of(line: bytes) -> bytes:
    try:
        return from_base64(line.decode("ascii"))
    except ValueError as error:
        raise HeaderFailure("not base64") from error
