"""Form tokens against forged requests: who posts a form was given it, in this session, within the last day.

Shape: base64url of form id (16 bytes), last second of validity (8 bytes, big endian), HMAC-SHA256 (32 bytes) over
both and the session id. The key is shared by the source machines; the form id tells two posts of one form apart.
"""

import base64
import binascii
import hmac
import secrets
import struct
import time
from collections.abc import Callable
from typing import Final

_SECONDS: Final = 24 * 3600
_HEAD: Final = struct.Struct(">16sQ")
_MAC_BYTES: Final = 32
TOKEN_CHARACTERS: Final = -(-(_HEAD.size + _MAC_BYTES) // 3) * 4


class FormTokens:
    """Issues and checks tokens. `now` is wall-clock seconds: source machines share the key, not a monotonic clock."""

    def __init__(self, key: bytes, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def issue(self, session_id: str) -> str:
        """A token for a new form of this session."""
        head = _HEAD.pack(secrets.token_bytes(16), int(self._now()) + _SECONDS)
        return base64.urlsafe_b64encode(head + self._mac(head, session_id)).decode("ascii")

    def form_of(self, token: str, session_id: str) -> str | None:
        """The form id (32 hex digits) of a good token; None for a forged, foreign or expired one."""
        raw = _decoded(token)
        if raw is None:
            return None
        head, mac = raw[: _HEAD.size], raw[_HEAD.size :]
        if not hmac.compare_digest(mac, self._mac(head, session_id)):
            return None
        form_id, last_second = _HEAD.unpack(head)
        return bytes(form_id).hex() if self._now() <= last_second else None

    def _mac(self, head: bytes, session_id: str) -> bytes:
        return hmac.digest(self._key, b"sealdrop/form/v1\0" + head + session_id.encode("ascii"), "sha256")


def _decoded(token: str) -> bytes | None:
    if len(token) != TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    # One accepted spelling: the last letter carries spare bits, which a lenient reading would let anybody change.
    is_ours = len(raw) == _HEAD.size + _MAC_BYTES and base64.urlsafe_b64encode(raw).decode("ascii") == token
    return raw if is_ours else None
