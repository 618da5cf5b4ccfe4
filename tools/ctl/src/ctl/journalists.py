"""A new journalist's account: passphrase and TOTP secret are drawn here, shown once, and stored as hash and sealed.

The forms are those of journalist-api: Argon2id in its usual text form, and the base32 secret in a libsodium secret
box under the key file only journalist-api's machine has. The database can open neither.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from importlib.resources import files
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import nacl.pwhash.argon2id
from nacl.secret import SecretBox

PASSPHRASE_WORDS: Final = 7  #: 90 random bits: out of reach even for who has stolen the hash
TOTP_SECRET_BYTES: Final = 20  #: RFC 4226's recommendation
ARGON2_PASSES: Final = 3
ARGON2_BYTES: Final = 64 * 1024 * 1024
USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
KNOWN_ALREADY: Final = "SD007"  #: SQLSTATE, see deploy/postgres/functions/fence.sql
_LIST: Final = ("wordlists", "wordlist_en_eff.txt")  #: the EFF's long list, as the package `diceware` carries it
_LIST_LENGTH: Final = 7776


class AccountError(Exception):
    """The account was not made. Fit to be shown."""


@dataclass(frozen=True, slots=True, repr=False)
class NewJournalist:
    """An account as its owner must be told it, once. `totp_secret` is base32 text."""

    id: UUID
    username: str
    passphrase: str
    totp_secret: str
    is_admin: bool

    @property
    def totp_uri(self) -> str:
        """For authenticator apps and QR codes (Key URI Format)."""
        return f"otpauth://totp/Sealdrop:{quote(self.username)}?secret={self.totp_secret}&issuer=Sealdrop"


def draw_journalist(username: str, *, is_admin: bool = False) -> NewJournalist:
    """Errors: AccountError for a name that will not do."""
    if not USERNAME.fullmatch(username):
        raise AccountError("A username has 1 to 32 small letters, digits, dots, dashes or underscores.")
    secret = base64.b32encode(secrets.token_bytes(TOTP_SECRET_BYTES)).decode("ascii")
    return NewJournalist(uuid4(), username, draw_passphrase(), secret, is_admin)


def draw_passphrase() -> str:
    """Seven words. Errors: ValueError if the package changed its list."""
    text = files("diceware").joinpath(*_LIST).read_text("ascii")
    words = tuple(line.split()[1] for line in text.splitlines() if line.strip())
    if len(set(words)) != _LIST_LENGTH:
        raise ValueError("not the word list we know")
    plain = [word for word in words if word.isalpha()]  # a hyphen on paper may be taken for a line break
    return " ".join(secrets.choice(plain) for _ in range(PASSPHRASE_WORDS))


async def add_journalist(connection: asyncpg.Connection, journalist: NewJournalist, totp_key: bytes) -> None:
    """Store the account. `totp_key` is journalist-api's, 32 bytes.

    Errors: AccountError when the name is taken; asyncpg.PostgresError.
    """
    hashed = nacl.pwhash.argon2id.str(journalist.passphrase.encode(), ARGON2_PASSES, ARGON2_BYTES)
    sealed = bytes(SecretBox(totp_key).encrypt(journalist.totp_secret.encode("ascii")))
    call = "SELECT sealdrop.admin_add_journalist($1, $2, $3, $4, $5)"
    row = (journalist.id, journalist.username, hashed.decode("ascii"), sealed, journalist.is_admin)
    try:
        await connection.execute(call, *row)
    except asyncpg.PostgresError as error:
        if error.sqlstate == KNOWN_ALREADY:
            raise AccountError("There is a journalist of that name already. Nothing was changed.") from None
        raise
