"""HKDF-SHA256, the one key derivation used outside the codename.

Source: RFC 5869; age v1 uses it for the header and payload keys.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


def derive_key(secret: bytes, *, info: bytes, salt: bytes = b"") -> bytes:
    """A 32-byte key for one purpose. `info` names the purpose; an empty salt is RFC 5869's string of zeros."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt or None, info=info).derive(secret)
