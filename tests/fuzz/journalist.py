"""Requests to journalist-api that its web app does not send: the shapes of `heads`, and the API's own inputs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.fuzz import heads
from tests.fuzz.bodies import mutate

API: Final = b"/api/v1"
PATHS: Final = (
    *(b"/", b"/index.html", b"/pins.json", API + b"/me", API + b"/sources", API + b"/keyset", API + b"/login"),
    *(API + b"/sources/0", API + b"/items/%00/file", API + b"/items/\xff/receipt", API + b"/openapi.json"),
)
IDS: Final = (
    *(b"", b"0", b"%00", b"..", b"%2e%2e%2f", b"\xff", b"0" * 3000, b"00000000-0000-0000-0000-00000000000g"),
    *(b"{00000000-0000-0000-0000-000000000000}", b"urn:uuid:00000000-0000-0000-0000-000000000000", b"null"),
)
RANGES: Final = (
    *(b"bytes=0-0", b"bytes=-1", b"bytes=-0", b"bytes=5-1", b"bytes=999999999999999999-", b"bytes=0-,1-2"),
    *(b"bytes=" + b"9" * 5000 + b"-", b"bytes=a-b", b"octets=0-1", b"\xff", b"bytes=\xb2-\xb3", b"", b"bytes=--1"),
)
VALUES: Final[tuple[object, ...]] = (
    *(None, True, -1, 1e308, 10**30, "", "\x00", "\ud800", "x" * 4000, [], {}, [[]], {"a": 1}, "١٢٣٤٥٦"),
    *("000000", "' OR 1=1 --", "../..", "tester", "TESTER", "tester\n", "cookie", "bearer"),
)
JSONS: Final = (
    *(b"", b"{", b"[" * 3000, b'{"a":' * 600, b"\xff", b"null", b"1e999", b"NaN", b'"\\ud800"', b"\xef\xbb\xbf{}"),
    *(b"9" * 4000, b'{"username":1,"username":2}', "{}".encode("utf-16"), b"{}" + b" " * 3000, b" " * 9000),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A journalist logged in, something to look at, and a reply as the web app would send it."""

    token: str
    source_id: str
    item_id: str
    reply: bytes

    @property
    def bearer(self) -> bytes:
        return b"Authorization: Bearer " + self.token.encode()


def any_request(draw: Random, visit: Visit) -> bytes:
    """Whatever source-api is sent, too."""
    return draw.choice(heads.SHAPES)(draw, draw.choice((visit.bearer, b"Accept: */*")), PATHS)


def login(draw: Random, visit: Visit) -> bytes:
    fields = {name: draw.choice(VALUES) for name in ("username", "passphrase", "code", "session")}
    fields |= {"other": 1} if draw.random() < 0.1 else {}
    body = draw.choice((json.dumps(fields).encode(), json.dumps(fields).encode(), draw.choice(JSONS)))
    kind = draw.choice((b"application/json", b"application/json", b"text/plain", b"application/json; charset=\xff"))
    return _with_body(b"POST", API + b"/login", b"Content-Type: " + kind, body)


def odd_id(draw: Random, visit: Visit) -> bytes:
    name = draw.choice(IDS)
    shapes = (b"/sources/%b", b"/sources/%b/items", b"/items/%b/file", b"/items/%b/receipt", b"/sources/%b/replies")
    method = draw.choice((b"GET", b"DELETE", b"POST", b"HEAD", b"PATCH"))
    return _with_body(method, API + draw.choice(shapes) % name, visit.bearer, b"")


def odd_range(draw: Random, visit: Visit) -> bytes:
    asked = b"Range: " + draw.choice(RANGES)
    condition = draw.choice((b"", b'\r\nIf-Range: "x"', b"\r\nIf-Range: \xff", b"\r\nRange: bytes=0-1"))
    path = API + b"/items/" + visit.item_id.encode() + b"/file"
    return _with_body(b"GET", path, visit.bearer + b"\r\n" + asked + condition, b"")


def reply(draw: Random, visit: Visit) -> bytes:
    """Cut, changed, grown or empty age files, under ids and types of all kinds."""
    sealed = draw.choice((visit.reply[: draw.randrange(len(visit.reply))], b"", b"age-encryption.org/v1\n" * 4000))
    body = draw.choice((sealed, mutate(draw, visit.reply), visit.reply + bytes(2_000_000)))
    item_id = draw.choice((b"00000000-0000-4000-8000-%012x" % draw.randrange(2**40), *IDS))
    kind = draw.choice((b"application/octet-stream",) * 3 + (b"text/plain", b"\xff", b"multipart/form-data"))
    headers = (visit.bearer, b"X-Item-Id: " + item_id, b"Content-Type: " + kind)
    path = API + b"/sources/" + visit.source_id.encode() + b"/replies"
    return _with_body(b"POST", path, b"\r\n".join(headers), body)


def odd_session(draw: Random, visit: Visit) -> bytes:
    token = visit.token.encode()
    given = draw.choice(
        (
            *(b"Authorization: Bearer", b"Authorization: Bearer " + token[:-1], b"Authorization: Basic " + token),
            *(b"Authorization: Bearer \xff", b"Cookie: session=" + token, b"Cookie: __Host-session=\xff; a=" + token),
            *(b"Authorization: Bearer " + b"x" * 9000, b"Authorization: Bearer \x00", b"X-CSRF-Token: \xff"),
            *(visit.bearer + b"\r\n" + visit.bearer, b"Cookie: " + b"a=b; " * 2000),
        )
    )
    return _with_body(draw.choice((b"GET", b"POST", b"DELETE")), API + b"/sources", given, b"")


def _with_body(method: bytes, path: bytes, headers: bytes, body: bytes) -> bytes:
    length = b"\r\nContent-Length: %d" % len(body) if body or method == b"POST" else b""
    return heads.request(method, path, b"Host: localhost\r\n" + headers + length, body)


SHAPES: Final[tuple[Callable[[Random, Visit], bytes], ...]] = (
    any_request,
    login,
    odd_id,
    odd_range,
    reply,
    odd_session,
)
WHOLE: Final = (login, reply)  #: as long as announced, always
