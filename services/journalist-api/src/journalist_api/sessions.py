"""A journalist's session: a random token the client keeps, of which the database knows only the hash. Pure.

Two kinds of client: a browser holds the token in a cookie no script can read, and repeats a token derived from it
(`csrf_token`) in a header with everything that changes something; other clients send `Authorization: Bearer`.
There is no `Secure` on the cookie: the site is an onion service without TLS, whose address is its key.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

COOKIE: Final = "sealdrop_journalist"
CSRF_HEADER: Final = "x-csrf-token"
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """32 random bytes as 43 characters of URL-safe base64."""

    text: str

    @classmethod
    def draw(cls) -> "Token":
        return cls(secrets.token_urlsafe(32))

    @property
    def sha256(self) -> bytes:
        """What the database stores."""
        return hashlib.sha256(self.text.encode("ascii")).digest()

    @property
    def csrf_token(self) -> str:
        """64 hexadecimal digits; says nothing about the token itself."""
        return hmac.new(self.text.encode("ascii"), b"sealdrop/csrf/v1", hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class Presented:
    """The token a request came with, and how."""

    token: Token
    is_cookie: bool


@dataclass(frozen=True, slots=True)
class Journalist:
    """Who is logged in."""

    id: UUID
    username: str
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """A request's journalist and the session it came with."""

    journalist: Journalist
    presented: Presented


def presented(headers: Iterable[tuple[bytes, bytes]]) -> Presented | None:
    """The session token among raw ASGI headers. A header or cookie given twice is as good as none."""
    bearers = [value for name, value in headers if name == b"authorization"]
    if bearers:
        scheme, _, text = _single(bearers).partition(" ")
        return _presented(text.strip(), False) if scheme.lower() == "bearer" else None
    cookies = [value for name, value in headers if name == b"cookie"]
    pairs = [part.strip().partition("=") for part in "; ".join(_text(value) for value in cookies).split(";")]
    values = [value for name, _, value in pairs if name == COOKIE]
    return _presented(values[0], True) if len(values) == 1 else None


def is_csrf_safe(caller: Presented, headers: Mapping[bytes, bytes]) -> bool:
    """True unless the request may have been made by another site through the journalist's browser."""
    if not caller.is_cookie:
        return True
    given = _text(headers.get(CSRF_HEADER.encode(), b""))
    return hmac.compare_digest(given.encode(), caller.token.csrf_token.encode())


def set_cookie(token: Token) -> str:
    """Value of Set-Cookie. Ends with the browser's session; the database ends it earlier."""
    return f"{COOKIE}={token.text}; Path=/; HttpOnly; SameSite=Strict"


def clear_cookie() -> str:
    """Value of Set-Cookie that removes it."""
    return f"{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"


def _presented(text: str, is_cookie: bool) -> Presented | None:
    return Presented(Token(text), is_cookie) if _TOKEN.fullmatch(text) else None


def _single(values: list[bytes]) -> str:
    return _text(values[0]) if len(values) == 1 else ""


def _text(raw: bytes) -> str:
    return raw.decode("latin-1")
