"""Recipients: the public keys a file key is wrapped for. `age1pq…` is hybrid, `age1…` is X25519.

Theory: a stanza carries no key id, so it does not say whom a file is sealed to. Source: C2SP age.md.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar

import nacl.bindings
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing import bech32, hybrid
from sealing.errors import BadRecipient
from sealing.hkdf import derive_key
from sealing.secrets import FileKey
from sealing.stanza import Stanza, to_base64

HYBRID_KIND = "mlkem768x25519"
HYBRID_PREFIX = "age1pq"
HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
X25519_KIND = "X25519"
X25519_PREFIX = "age"
X25519_INFO = b"age-encryption.org/v1/X25519"
X25519_BYTES = 32
WRAPPED_BYTES = 32
#: A wrapping key is used once, so age fixes its nonce.
WRAP_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """Public key for ML-KEM-768 with X25519. 1216 bytes. Errors: BadRecipient when it is none."""

    kind: ClassVar[str] = HYBRID_KIND
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            hybrid.check_public(self.raw)
        except ValueError as error:
            raise BadRecipient("not a hybrid public key") from error

    def __str__(self) -> str:
        return bech32.encode(HYBRID_PREFIX, self.raw)

    def fingerprint(self) -> bytes:
        """SHA-256 of the raw public key."""
        return sha256(self.raw).digest()

    def wrap(self, file_key: FileKey) -> Stanza:
        """A stanza only this recipient's identity opens. Errors: BadRecipient for a public key of low order."""
        try:
            sealed = hybrid.seal_to(self.raw, HYBRID_INFO, file_key.raw)
        except ValueError as error:
            raise BadRecipient("not a hybrid public key") from error
        encapsulated, wrapped = sealed[: hybrid.ENCAPSULATED_BYTES], sealed[hybrid.ENCAPSULATED_BYTES :]
        return Stanza((HYBRID_KIND, to_base64(encapsulated)), wrapped)


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """X25519 public key. 32 bytes. Errors: BadRecipient for another length."""

    kind: ClassVar[str] = X25519_KIND
    raw: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.raw) != X25519_BYTES:
            raise BadRecipient("an X25519 public key is 32 bytes")

    def __str__(self) -> str:
        return bech32.encode(X25519_PREFIX, self.raw)

    def fingerprint(self) -> bytes:
        """SHA-256 of the raw public key."""
        return sha256(self.raw).digest()

    def wrap(self, file_key: FileKey) -> Stanza:
        """A stanza only this recipient's identity opens. Errors: BadRecipient for a public key of low order."""
        ephemeral = nacl.bindings.randombytes(X25519_BYTES)
        share = nacl.bindings.crypto_scalarmult_base(ephemeral)
        shared = x25519(ephemeral, self.raw)
        if shared is None:
            raise BadRecipient("an X25519 public key of low order")
        key = x25519_wrapping_key(shared, share, self.raw)
        wrapped = ChaCha20Poly1305(key).encrypt(WRAP_NONCE, file_key.raw, None)
        return Stanza((X25519_KIND, to_base64(share)), wrapped)


Recipient = HybridRecipient | X25519Recipient


def parse_recipient(text: str) -> Recipient:
    """The recipient a lower-case bech32 text names. Errors: BadRecipient for any other text."""
    try:
        prefix, raw = bech32.decode(text)
    except ValueError as error:
        raise BadRecipient("not a recipient") from error
    if text != text.lower() or prefix not in (HYBRID_PREFIX, X25519_PREFIX):
        raise BadRecipient("not a recipient")
    return HybridRecipient(raw) if prefix == HYBRID_PREFIX else X25519Recipient(raw)


def x25519(scalar: bytes, point: bytes) -> bytes | None:
    """The shared secret, 32 bytes; None for a point of low order (libsodium refuses an all-zero result)."""
    try:
        return nacl.bindings.crypto_scalarmult(scalar, point)
    except RuntimeError:
        return None


def x25519_wrapping_key(shared: bytes, share: bytes, public: bytes) -> bytes:
    """The key that wraps a file key for one X25519 stanza. 32 bytes each."""
    return derive_key(shared, salt=share + public, info=X25519_INFO)
