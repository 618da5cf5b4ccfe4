"""ASCII armor: an age file as text, for identities at rest and for pasting.

Theory: strict, so that one file has one armored text: lines of 64 letters, only the last shorter, padded base64. White
space is allowed outside the two marker lines only. Source: C2SP age.md, "ASCII armor".
"""

import base64
import binascii

from sealing.errors import ArmorFailure

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"
_LINE_LETTERS = 64
_LINE_BYTES = 48
#: White space outside the markers, and the longest line: enough for any mail program, and bounded.
_MOST_SPACE_BYTES = 1024
_SPACE = b" \t\r\n\v\f"


def armor(sealed: bytes) -> bytes:
    """The armored text of a whole age file, with newlines and a last one."""
    pieces = (sealed[start : start + _LINE_BYTES] for start in range(0, len(sealed), _LINE_BYTES))
    return b"\n".join([BEGIN, *(base64.b64encode(piece) for piece in pieces), END, b""])


def dearmor(text: bytes) -> bytes:
    """The age file inside an armored text. Errors: ArmorFailure."""
    reader = Dearmor()
    return reader.update(text) + reader.final()


def looks_armored(start: bytes) -> bool:
    """Whether a file that starts so is armored: an age file itself begins with a letter."""
    return start[:1] in (b"-", b" ", b"\t", b"\r", b"\n")


class Dearmor:
    """Armored text in, the age file out. After an error it is of no more use."""

    __slots__ = ("_held", "_read_line", "_space_bytes")

    def __init__(self) -> None:
        self._held = bytearray()
        self._space_bytes = 0
        self._read_line = self._read_before

    def update(self, text: bytes) -> bytes:
        """What the complete lines hold. Errors: ArmorFailure."""
        self._held += text
        *lines, rest = self._held.split(b"\n")
        self._held = rest
        if len(rest) > _MOST_SPACE_BYTES:
            raise ArmorFailure("a line that is too long")
        return b"".join(self._read_line(bytes(line.removesuffix(b"\r"))) for line in lines)

    def final(self) -> bytes:
        """What a last line without a newline holds. Errors: ArmorFailure unless the end marker was met."""
        last = self._read_line(bytes(self._held)) if self._held else b""
        if self._read_line != self._read_after:
            raise ArmorFailure("armor without an end")
        return last

    def _read_before(self, line: bytes) -> bytes:
        if line.strip(_SPACE):
            if line != BEGIN:
                raise ArmorFailure("not an armored age file")
            self._read_line = self._read_body
        else:
            self._count_space(line)
        return b""

    def _read_body(self, line: bytes) -> bytes:
        if line == END:
            self._read_line = self._read_after
            return b""
        if not line or len(line) > _LINE_LETTERS:
            raise ArmorFailure("a line of a wrong length")
        raw = _decode(line)
        if len(raw) < _LINE_BYTES:
            self._read_line = self._read_end
        return raw

    def _read_end(self, line: bytes) -> bytes:
        if line != END:
            raise ArmorFailure("a short line that is not the last")
        self._read_line = self._read_after
        return b""

    def _read_after(self, line: bytes) -> bytes:
        if line.strip(_SPACE):
            raise ArmorFailure("text after the end")
        self._count_space(line)
        return b""

    def _count_space(self, line: bytes) -> None:
        self._space_bytes += len(line) + 1
        if self._space_bytes > _MOST_SPACE_BYTES:
            raise ArmorFailure("too much white space")


def _decode(line: bytes) -> bytes:
    try:
        raw = base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise ArmorFailure("not base64") from error
    if base64.b64encode(raw) != line:
        raise ArmorFailure("not canonical base64")
    return raw
