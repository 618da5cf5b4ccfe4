"""A passphrase as recipient and identity: scrypt, for identities at rest on the SVS.

Theory: age allows a scrypt stanza only alone in its header, else anyone who wrote the file could add a passphrase.
Source: C2SP age.md, "The scrypt recipient type"; RFC 7914 (r=8, p=1).
"""

import os
from collections.abc import Iterable
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from sealing.errors import HeaderFailure
from sealing.recipients import WRAP_NONCE, WRAPPED_BYTES
from sealing.secrets import FileKey, Hidden
from sealing.stanza import Stanza, from_base64, to_base64

SCRYPT_KIND = "scrypt"
SALT_BYTES = 16
DEFAULT_LOG_N = 18
#: 2^22 takes 4 GiB of memory: more would let a file from elsewhere exhaust the machine.
MOST_LOG_N = 22
_LABEL = b"age-encryption.org/v1/scrypt"


class ScryptRecipient(Hidden):
    """Seals to a passphrase. `log_n` is the base-2 logarithm of the work factor; 18 takes 256 MiB, about a second."""

    __slots__ = ("_passphrase", "log_n")

    kind: ClassVar[str] = SCRYPT_KIND

    def __init__(self, passphrase: str, log_n: int = DEFAULT_LOG_N) -> None:
        if not passphrase or not 1 <= log_n <= MOST_LOG_N:
            raise ValueError("a passphrase is not empty, and log_n is 1 to 22")
        self._passphrase = passphrase.encode()
        self.log_n = log_n

    def wrap(self, file_key: FileKey) -> Stanza:
        """A stanza the passphrase opens."""
        salt = os.urandom(SALT_BYTES)
        key = _wrapping_key(self._passphrase, salt, self.log_n)
        wrapped = ChaCha20Poly1305(key).encrypt(WRAP_NONCE, file_key.raw, None)
        return Stanza((SCRYPT_KIND, to_base64(salt), str(self.log_n)), wrapped)


class ScryptIdentity(Hidden):
    """Opens what was sealed to a passphrase, up to a work factor this machine can afford."""

    __slots__ = ("_most_log_n", "_passphrase")

    def __init__(self, passphrase: str, most_log_n: int = MOST_LOG_N) -> None:
        self._passphrase = passphrase.encode()
        self._most_log_n = most_log_n

    def unwrap(self, stanzas: Iterable[Stanza]) -> FileKey | None:
        """See `Identity.unwrap`. Errors: HeaderFailure also for a work factor above the limit."""
        for stanza in stanzas:
            if stanza.kind != SCRYPT_KIND:
                continue
            salt, log_n = _read(stanza)
            if log_n > self._most_log_n:
                raise HeaderFailure("a work factor above the limit")
            try:
                key = _wrapping_key(self._passphrase, salt, log_n)
                return FileKey(ChaCha20Poly1305(key).decrypt(WRAP_NONCE, stanza.body, None))
            except InvalidTag:
                continue
        return None


def _read(stanza: Stanza) -> tuple[bytes, int]:
    if len(stanza.args) != 3 or len(stanza.body) != WRAPPED_BYTES:
        raise HeaderFailure("a scrypt stanza of a wrong shape")
    try:
        salt = from_base64(stanza.args[1])
    except ValueError as error:
        raise HeaderFailure("a salt that is not base64") from error
    log_n = stanza.args[2]
    # Digits only, no sign, no leading zero: one number has one spelling.
    is_number = log_n.isascii() and log_n.isdigit() and not log_n.startswith("0") and len(log_n) <= 2
    if len(salt) != SALT_BYTES or not is_number:
        raise HeaderFailure("a scrypt stanza of a wrong shape")
    return salt, int(log_n)


def _wrapping_key(passphrase: bytes, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=_LABEL + salt, length=32, n=1 << log_n, r=8, p=1).derive(passphrase)
