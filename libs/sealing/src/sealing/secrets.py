"""Secrets as types: a wrong key does not type-check, and printing or pickling one shows nothing.

Python cannot wipe them. Keep their lives short.
"""

import os
from dataclasses import dataclass
from typing import Never, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from sealing.hkdf import derive_key

FILE_KEY_BYTES = 16
UPLOAD_SECRET_BYTES = 32
UPLOAD_ID_BYTES = 16
MOST_ITEMS = 0xFFFF


class Hidden:
    """Base of every secret: no repr, no pickle, no copy by accident."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __reduce__(self) -> Never:
        raise TypeError("secrets are not pickled")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class FileKey(Hidden):
    """Secret key of one age file. 16 bytes (age v1)."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != FILE_KEY_BYTES:
            raise ValueError("a file key is 16 bytes")

    @classmethod
    def random(cls) -> Self:
        """A fresh key from the operating system."""
        return cls(os.urandom(FILE_KEY_BYTES))


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class UploadSecret(Hidden):
    """The one secret of an upload, 32 bytes. Every item's file key comes from it: one sealed message carries all."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != UPLOAD_SECRET_BYTES:
            raise ValueError("an upload secret is 32 bytes")

    @classmethod
    def random(cls) -> Self:
        """A fresh secret from the operating system."""
        return cls(os.urandom(UPLOAD_SECRET_BYTES))

    def item_key(self, upload_id: bytes, number: int) -> FileKey:
        """The file key of one item.

        Shape: upload_id 16 bytes; number 0 to 65535, never used twice in one upload.
        Errors: ValueError outside these.
        """
        if not 0 <= number <= MOST_ITEMS:
            raise ValueError("an item number is 0 to 65535")
        info = b"sealdrop/item/v1" + _checked(upload_id) + number.to_bytes(2, "big")
        return FileKey(derive_key(self.raw, info=info)[:FILE_KEY_BYTES])

    def finish_mac(self, upload_id: bytes, body: bytes) -> bytes:
        """HMAC-SHA256 (32 bytes) that closes an upload: only who holds the secret can say what was sent."""
        mac = HMAC(derive_key(self.raw, info=b"sealdrop/finish/v1"), SHA256())
        mac.update(_checked(upload_id) + body)
        return mac.finalize()


def _checked(upload_id: bytes) -> bytes:
    if len(upload_id) != UPLOAD_ID_BYTES:
        raise ValueError("an upload id is 16 bytes")
    return upload_id
