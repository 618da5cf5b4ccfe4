"""Ed25519 signatures over canonical JSON, each bound to a context.

Theory: the signed bytes are `b"sealdrop/" + context + b"\\0" + body`, so a signature made for one purpose verifies for
no other. An envelope has exactly one accepted spelling (canonical JSON outside and inside, strict base64, strict S in
libsodium): two different blobs never carry the same statement, and a hash of the blob names the statement.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import nacl.bindings
from nacl.exceptions import BadSignatureError

from sealing.errors import BadSignature
from sealing.secrets import Hidden

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """Ed25519 public key. 32 bytes."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_BYTES:
            raise ValueError("a verify key is 32 bytes")

    @property
    def hex(self) -> str:
        return self.raw.hex()

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Errors: ValueError unless 64 hexadecimal digits."""
        return cls(bytes.fromhex(text))


class SigningKey(Hidden):
    """Ed25519 private key made from a 32-byte seed."""

    __slots__ = ("_private", "public")

    public: bytes

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError("a signing seed is 32 bytes")
        self.public, self._private = nacl.bindings.crypto_sign_seed_keypair(seed)

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system."""
        return cls(nacl.bindings.randombytes(SEED_BYTES))

    @property
    def seed(self) -> bytes:
        """The 32 bytes to keep; everything else follows from them."""
        return self._private[:SEED_BYTES]

    @property
    def hex(self) -> str:
        """The public half, hexadecimal."""
        return self.public.hex()

    @property
    def verify_key(self) -> VerifyKey:
        return VerifyKey(self.public)

    def sign(self, message: bytes) -> bytes:
        """64 bytes. Callers use `sign_bytes` or `sign_envelope`, which bind a context."""
        return nacl.bindings.crypto_sign(message, self._private)[:SIGNATURE_BYTES]


def canonical(value: object) -> bytes:
    """JSON with one spelling: sorted keys, no spaces, ASCII. Errors: ValueError for NaN, TypeError for other types."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def sign_bytes(key: SigningKey, context: str, message: bytes) -> bytes:
    """Detached signature, 64 bytes, good for this context only."""
    return key.sign(_bound(context, message))


def verify_bytes(key: VerifyKey, context: str, message: bytes, signature: bytes) -> None:
    """Errors: BadSignature unless `key` made `signature` for this context and message."""
    if len(signature) != SIGNATURE_BYTES:
        raise BadSignature("a signature is 64 bytes")
    try:
        nacl.bindings.crypto_sign_open(signature + _bound(context, message), key.raw)
    except BadSignatureError as error:
        raise BadSignature("the signature does not verify") from error


def sign_envelope(key: SigningKey, context: str, body: dict[str, Any]) -> bytes:
    """Canonical JSON `{"body": base64, "by": hex public key, "sig": base64}`."""
    raw = canonical(body)
    signature = sign_bytes(key, context, raw)
    return canonical({"body": _to_base64(raw), "by": key.hex, "sig": _to_base64(signature)})


def open_envelope(keys: VerifyKey | Iterable[VerifyKey], context: str, blob: bytes) -> dict[str, Any]:
    """The body, if one of `keys` signed it for this context. Errors: BadSignature for everything else."""
    return open_envelope_by(keys, context, blob)[1]


def open_envelope_by(
    keys: VerifyKey | Iterable[VerifyKey], context: str, blob: bytes
) -> tuple[VerifyKey, dict[str, Any]]:
    """As `open_envelope`, and which of the keys signed."""
    envelope = _parsed(blob, "the envelope is not canonical JSON")
    if set(envelope) != {"body", "by", "sig"} or not all(isinstance(part, str) for part in envelope.values()):
        raise BadSignature("the envelope has other fields")
    trusted = (keys,) if isinstance(keys, VerifyKey) else tuple(keys)
    key = next((key for key in trusted if key.hex == envelope["by"]), None)
    if key is None:
        raise BadSignature("signed by a key we do not trust")
    raw = _from_base64(envelope["body"])
    verify_bytes(key, context, raw, _from_base64(envelope["sig"]))
    return key, _parsed(raw, "the body is not canonical JSON")


def _bound(context: str, message: bytes) -> bytes:
    if not context or "\0" in context or not context.isascii():
        raise ValueError("a context is ASCII text without NUL")
    return b"sealdrop/" + context.encode("ascii") + b"\0" + message


def _parsed(raw: bytes, complaint: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
        is_canonical = isinstance(value, dict) and canonical(value) == raw
    except (ValueError, RecursionError) as error:
        raise BadSignature(complaint) from error
    if not is_canonical:
        raise BadSignature(complaint)
    return dict(value)


def _to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("the envelope is not strict base64") from error
    if _to_base64(raw) != text:
        raise BadSignature("the envelope is not strict base64")
    return raw
