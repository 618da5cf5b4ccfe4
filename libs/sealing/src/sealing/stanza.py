"""One recipient stanza of an age header: a type, arguments, and a body.

Source: age v1 (C2SP age.md, "Recipient stanza").
"""

import base64
import binascii
from dataclasses import dataclass

BODY_LINE_LETTERS = 64


@dataclass(frozen=True, slots=True)
class Stanza:
    """`args[0]` is the type; all arguments are printable ASCII without spaces. `body` is raw bytes."""

    args: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        return self.args[0]

    def encode(self) -> bytes:
        """Header lines, each closed by a newline; the last body line is always short, if need be empty."""
        text = to_base64(self.body)
        lines = [text[start : start + BODY_LINE_LETTERS] for start in range(0, len(text) + 1, BODY_LINE_LETTERS)]
        return "\n".join(["-> " + " ".join(self.args), *lines, ""]).encode("ascii")


def to_base64(raw: bytes) -> str:
    """Unpadded standard base64."""
    return base64.b64encode(raw).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes:
    """Strict unpadded standard base64. Errors: ValueError for padding, strange letters or loose trailing bits."""
    if "=" in text:
        raise ValueError("not unpadded base64")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not unpadded base64") from error
    if to_base64(raw) != text:
        raise ValueError("not canonical base64")
    return raw
