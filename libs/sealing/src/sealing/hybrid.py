"""The hybrid KEM (ML-KEM-768 with X25519) behind `age1pq` recipients and epoch keys.

Theory: HPKE base mode with KEM MLKEM768-X25519 (X-Wing, 0x647a), HKDF-SHA256 and ChaCha20-Poly1305. What is sealed
stays shut as long as either half holds. A private key is a 32-byte seed; SHAKE-256 stretches it to ML-KEM's 64 bytes
and the X25519 scalar. Source: RFC 9180, draft-connolly-cfrg-xwing-kem, C2SP age.md.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHAKE256, Hash
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from sealing.errors import CannotOpen

SEED_BYTES = 32
PUBLIC_BYTES = 1216
ENCAPSULATED_BYTES = 1120
TAG_BYTES = 16
_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_SEED_BYTES = 64


def _suite() -> Suite:
    return Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def seal_to(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """HPKE seal: 1120 encapsulated bytes, then the ciphertext with its 16-byte tag.

    Shape: public 1216 bytes. Errors: ValueError when it is not a public key.
    """
    return _suite().encrypt(plaintext, _load_public(public), info)


def open_with(seed: bytes, info: bytes, sealed: bytes) -> bytes:
    """The plaintext. Errors: CannotOpen for another key, another info, changed bytes or a low-order share."""
    if len(sealed) < ENCAPSULATED_BYTES + TAG_BYTES:
        raise CannotOpen("too short to be sealed")
    mlkem, x25519 = _private_halves(seed)
    try:
        return _suite().decrypt(sealed, MLKEM768X25519PrivateKey(mlkem, x25519), info)
    except (InvalidTag, ValueError) as error:
        raise CannotOpen("sealed to another key, or altered") from error


def has_usable_share(seed: bytes, encapsulated: bytes) -> bool:
    """False when the X25519 share is a point of low order: such a share adds nothing to the shared secret."""
    share = X25519PublicKey.from_public_bytes(encapsulated[-32:])
    try:
        _private_halves(seed)[1].exchange(share)
    except ValueError:
        return False
    return True


def public_of(seed: bytes) -> bytes:
    """The 1216-byte public key of a 32-byte seed: ML-KEM-768 first, then X25519."""
    mlkem, x25519 = _private_halves(seed)
    return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()


def check_public(public: bytes) -> None:
    """Errors: ValueError unless these are 1216 bytes that encode a public key."""
    _load_public(public)


def _load_public(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_BYTES:
        raise ValueError("a hybrid public key is 1216 bytes")
    mlkem, x25519 = public[:_MLKEM_PUBLIC_BYTES], public[_MLKEM_PUBLIC_BYTES:]
    return MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(mlkem), X25519PublicKey.from_public_bytes(x25519)
    )


def _private_halves(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    if len(seed) != SEED_BYTES:
        raise ValueError("a hybrid seed is 32 bytes")
    stretch = Hash(SHAKE256(_MLKEM_SEED_BYTES + 32))
    stretch.update(seed)
    stretched = stretch.finalize()
    return (
        MLKEM768PrivateKey.from_seed_bytes(stretched[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(stretched[_MLKEM_SEED_BYTES:]),
    )
