"""Identities: the private keys that unwrap a file key. The SVS and, through the codename, a source hold them.

Theory: a stanza of our kind but of a wrong shape means a broken header; one that does not open is somebody else's.
Source: C2SP age.md.
"""

import os
from collections.abc import Iterable
from typing import Protocol, Self

import nacl.bindings
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing import bech32, hybrid
from sealing.errors import BadRecipient, CannotOpen, HeaderFailure
from sealing.recipients import (
    HYBRID_INFO,
    HYBRID_KIND,
    WRAP_NONCE,
    WRAPPED_BYTES,
    X25519_BYTES,
    X25519_KIND,
    HybridRecipient,
    X25519Recipient,
    x25519,
    x25519_wrapping_key,
)
from sealing.secrets import FileKey, Hidden
from sealing.stanza import Stanza, from_base64

HYBRID_IDENTITY_PREFIX = "age-secret-key-pq-"
X25519_IDENTITY_PREFIX = "age-secret-key-"


class Identity(Protocol):
    """Whatever unwraps a file key from a header's stanzas."""

    def unwrap(self, stanzas: Iterable[Stanza]) -> FileKey | None:
        """The file key; None when no stanza is ours. Errors: HeaderFailure for a malformed stanza of our kind."""


class HybridIdentity(Hidden):
    """Private key for ML-KEM-768 with X25519: a 32-byte seed."""

    __slots__ = ("_seed", "recipient")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.recipient = HybridRecipient(hybrid.public_of(seed))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Errors: ValueError unless 32 bytes."""
        return cls(seed)

    @classmethod
    def generate(cls) -> Self:
        """A fresh identity from the operating system."""
        return cls(os.urandom(hybrid.SEED_BYTES))

    def __str__(self) -> str:
        """The secret itself, as `AGE-SECRET-KEY-PQ-1…`; `repr` hides it."""
        return bech32.encode(HYBRID_IDENTITY_PREFIX, self._seed).upper()

    def unwrap(self, stanzas: Iterable[Stanza]) -> FileKey | None:
        """See `Identity.unwrap`."""
        for stanza in stanzas:
            if stanza.kind != HYBRID_KIND:
                continue
            encapsulated = share_of(stanza, hybrid.ENCAPSULATED_BYTES)
            if not hybrid.has_usable_share(self._seed, encapsulated):
                raise HeaderFailure("a share of low order")
            try:
                return FileKey(hybrid.open_with(self._seed, HYBRID_INFO, encapsulated + stanza.body))
            except CannotOpen:
                continue
        return None


class X25519Identity(Hidden):
    """X25519 private key, 32 bytes. Classic: kept for newsrooms whose `age` is older than 1.3."""

    __slots__ = ("_scalar", "recipient")

    def __init__(self, scalar: bytes) -> None:
        if len(scalar) != X25519_BYTES:
            raise ValueError("an X25519 private key is 32 bytes")
        self._scalar = scalar
        self.recipient = X25519Recipient(nacl.bindings.crypto_scalarmult_base(scalar))

    @classmethod
    def generate(cls) -> Self:
        """A fresh identity from the operating system."""
        return cls(os.urandom(X25519_BYTES))

    def __str__(self) -> str:
        """The secret itself, as `AGE-SECRET-KEY-1…`; `repr` hides it."""
        return bech32.encode(X25519_IDENTITY_PREFIX, self._scalar).upper()

    def unwrap(self, stanzas: Iterable[Stanza]) -> FileKey | None:
        """See `Identity.unwrap`."""
        for stanza in stanzas:
            if stanza.kind != X25519_KIND:
                continue
            share = share_of(stanza, X25519_BYTES)
            shared = x25519(self._scalar, share)
            if shared is None:
                raise HeaderFailure("a share of low order")
            key = x25519_wrapping_key(shared, share, self.recipient.raw)
            try:
                return FileKey(ChaCha20Poly1305(key).decrypt(WRAP_NONCE, stanza.body, None))
            except InvalidTag:
                continue
        return None


def parse_identity(text: str) -> HybridIdentity | X25519Identity:
    """The identity an upper-case bech32 text holds. Errors: BadRecipient for any other text."""
    try:
        prefix, raw = bech32.decode(text)
    except ValueError as error:
        raise BadRecipient("not an identity") from error
    if text != text.upper() or prefix not in (HYBRID_IDENTITY_PREFIX, X25519_IDENTITY_PREFIX) or len(raw) != 32:
        raise BadRecipient("not an identity")
    return HybridIdentity(raw) if prefix == HYBRID_IDENTITY_PREFIX else X25519Identity(raw)


def share_of(stanza: Stanza, share_bytes: int) -> bytes:
    """The share in a two-argument stanza with a wrapped file key. Errors: HeaderFailure for any other shape."""
    if len(stanza.args) != 2 or len(stanza.body) != WRAPPED_BYTES:
        raise HeaderFailure("a stanza of a wrong shape")
    try:
        share = from_base64(stanza.args[1])
    except ValueError as error:
        raise HeaderFailure("a share that is not base64") from error
    if len(share) != share_bytes:
        raise HeaderFailure("a share of a wrong length")
    return share
