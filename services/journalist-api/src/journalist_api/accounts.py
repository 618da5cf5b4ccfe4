"""Rules of a journalist's account: passphrase and TOTP. Pure.

Theory: a login is right only if the passphrase fits (Argon2id) and the code belongs to one of three neighbouring
30-second steps. Whether that step was used before is decided by one SQL update (`journalist_use_step`), not here.
An unknown username is checked against an account of nobody, so that it costs the same time.
"""

import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import nacl.exceptions
import nacl.pwhash.argon2id
import nacl.secret
import nacl.utils
import pyotp

OPERATIONS: Final = 3  #: Argon2id passes; with MEMORY_BYTES about 150 ms on the smallest machine we support
MEMORY_BYTES: Final = 64 * 1024 * 1024
STEP_SECONDS: Final = 30  #: RFC 6238's default, which every authenticator app knows
WINDOW_STEPS: Final = 1  #: one step early or late: clocks differ
MAX_PASSPHRASE: Final = 128  #: characters; longer ones are refused before any hashing
NONCE_BYTES: Final = nacl.secret.SecretBox.NONCE_SIZE


class AccountError(Exception):
    """A sealed TOTP secret does not open: the key file is not the one it was sealed under."""


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """What a login is checked against. `totp_sealed` is nonce and ciphertext under the TOTP key."""

    id: UUID
    passphrase_hash: str
    totp_sealed: bytes
    is_admin: bool
    is_real: bool = True


def hash_passphrase(passphrase: str) -> str:
    """Argon2id in its usual text form, about 97 ASCII characters."""
    raw = nacl.pwhash.argon2id.str(passphrase.encode(), opslimit=OPERATIONS, memlimit=MEMORY_BYTES)
    return raw.decode("ascii")


def is_passphrase(passphrase_hash: str, passphrase: str) -> bool:
    """True if `passphrase` made `passphrase_hash`. Takes about 150 ms and 64 MiB: call it in a thread."""
    try:
        return nacl.pwhash.argon2id.verify(passphrase_hash.encode("ascii"), passphrase.encode())
    except nacl.exceptions.InvalidkeyError:
        return False


def seal_totp(key: bytes, secret: str) -> bytes:
    """`secret` (base32 text) sealed under the 32-byte TOTP key: 24 bytes nonce, then ciphertext."""
    return bytes(nacl.secret.SecretBox(key).encrypt(secret.encode("ascii")))


def open_totp(key: bytes, sealed: bytes) -> str:
    """The base32 secret. Errors: AccountError."""
    if len(sealed) <= NONCE_BYTES:
        raise AccountError("a sealed TOTP secret is longer")
    try:
        return nacl.secret.SecretBox(key).decrypt(sealed).decode("ascii")
    except (nacl.exceptions.CryptoError, UnicodeDecodeError) as error:
        raise AccountError("a TOTP secret does not open") from error


def matching_step(secret: str, code: str, now: float) -> int | None:
    """The step (since the epoch) whose code is `code`, or None. `now` is in seconds since the epoch, UTC.

    All steps of the window are compared, in constant time each. The newest match wins, so that its
    use shuts the older ones as well.
    """
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    present = int(now) // STEP_SECONDS
    matches = [
        step
        for step in range(present - WINDOW_STEPS, present + WINDOW_STEPS + 1)
        if hmac.compare_digest(totp.at(step * STEP_SECONDS).encode(), code.encode())
    ]
    return max(matches, default=None)


def nobody(totp_key: bytes) -> Account:
    """An account nobody can log in to; stands in for unknown usernames. Made once, at start."""
    return Account(
        id=uuid4(),
        passphrase_hash=hash_passphrase(nacl.utils.random(32).hex()),
        totp_sealed=seal_totp(totp_key, pyotp.random_base32()),
        is_admin=False,
        is_real=False,
    )
