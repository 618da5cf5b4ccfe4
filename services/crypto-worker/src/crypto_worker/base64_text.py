"""Base64 inside messages, strict both ways."""

import base64
import binascii


def to_base64(raw: bytes) -> str:
    """Standard alphabet, padded."""
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes:
    """Errors: ValueError unless it is standard base64."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
