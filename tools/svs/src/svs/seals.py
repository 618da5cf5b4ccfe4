"""Opens what is sealed to the station, and keeps the station's own secrets under its passphrase.

The only file of this tool that handles sealed bytes; `opening.py` and `item.py` see what comes out.
"""

import hashlib
from typing import BinaryIO

from sealing.age import open_, open_bytes, seal_bytes
from sealing.errors import CannotOpen
from sealing.identities import HybridIdentity, X25519Identity
from sealing.passphrase import DEFAULT_LOG_N, ScryptIdentity, ScryptRecipient

from svs.errors import NotOpened

BLOCK_BYTES = 256 * 1024

Identity = HybridIdentity | X25519Identity


def protect(secret: bytes, passphrase: str, log_n: int = DEFAULT_LOG_N) -> bytes:
    """An age file that opens with the passphrase. Takes 256 MiB and about a second at the default work factor."""
    return seal_bytes(secret, [ScryptRecipient(passphrase, log_n)])


def unprotect(sealed: bytes, passphrase: str) -> bytes:
    """What `protect` was given. Errors: CannotOpen."""
    return open_bytes(sealed, [ScryptIdentity(passphrase)])


def decrypt(sealed: BinaryIO, plaintext: BinaryIO, identity: Identity, expected_sha256: str) -> None:
    """Streams a sealed file into another, in constant memory.

    What is decrypted is hashed on the way: a medium that gives other bytes than those just verified is found out.
    Errors: NotOpened; then what has been written is worthless.
    """
    reader = HashingReader(sealed)
    try:
        open_(reader, plaintext, [identity])
    except CannotOpen as error:
        raise NotOpened("cannot be opened: it is cut or altered, or sealed to another key") from error
    if reader.digest != expected_sha256:
        raise NotOpened("the medium gave other bytes the second time. Copy the file to this machine first")


def hash_of(file: BinaryIO) -> str:
    """SHA-256 of the rest of a file, hexadecimal."""
    reader = HashingReader(file)
    while reader.read(BLOCK_BYTES):
        pass
    return reader.digest


class HashingReader:
    """Reads through, and knows the hash of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        block = self._file.read(size)
        self._hash.update(block)
        return block

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()
