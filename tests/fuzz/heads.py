"""Request lines, headers and framings that no browser sends, drawn from a seeded generator."""

from collections.abc import Callable
from random import Random
from typing import Final

from tests.fuzz.bodies import mutate

METHODS: Final = (
    *(b"GET", b"POST", b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"CONNECT", b"PRI"),
    *(b"PROPFIND", b"M-SEARCH", b"QUERY", b"get", b"", b"G\x00T", b"\xff\xfe", b"A" * 9000, b"GET GET"),
)
SOURCE_PATHS: Final = (b"/", b"/submit", b"/status", b"/sent", b"/login", b"/inbox", b"/inbox/delete", b"/logout")
ODD_PATHS: Final = (
    *(b"*", b"//", b"/submit/", b"/../../etc/passwd", b"/%2e%2e/%2e%2e", b"/%00", b"/%ff%fe", b"/%", b"/%zz"),
    *(b"/\x00", b"/\xff", b"/a b", b"", b"http://other.example/submit", b"http://user:pass@h:99999/", b"//h/submit"),
    *(b"https://[::1/", b"http:", b"/reply/not-a-uuid/delete", b"/style.css", b"/" + b"a" * 20_000),
    *(b"/" + b"/" * 3000, b"/submit#fragment", b"/status;p=1", "/\u202e".encode(), b"\\submit", b"host:80"),
)
QUERIES: Final = (
    *(b"", b"?", b"?form=", b"?form=" + b"0" * 32, b"?form=" + b"0" * 5000, b"?form=%00", b"?form=\xff&form=%ff"),
    *(b"?" + b"a=b&" * 2500, b"?;;;&&&===", b"?form[]=1", b"??", b"?%", b"?form=%F0%9F%98%80", b"?" + b"=" * 3000),
)
VERSIONS: Final = (
    *(b"HTTP/1.1",) * 6,
    *(b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/1.2", b"HTTQ/1.1", b"HTTP/1", b"http/1.1", b""),
    *(b"HTTP/1.1 x", b"HTTP/01.1", b"HTTP/1.1\x00", b"HTTP/" + b"1" * 3000),
)
HEADERS: Final = (
    b"Host: " + b"h" * 17_000,
    b"X: " + b"v" * 16_300,
    b"\r\n".join(b"X-%d: v" % number for number in range(300)),
    b"\r\n".join(b"%d:" % number for number in range(3500)),
    b"Bad Name: v",
    b": v",
    b"X: a\x00b",
    b"X\x00: v",
    b"X: \xff\xfe\x80",
    b"X : v",
    b"X: a\r\n folded",
    b"X: a\rb",
    b"X: a\nY: b",
    b"no colon at all",
    b"Host: other.example",
    b"Host: \xff",
    b"Host: a\r\nHost: b",
    b"Expect: 100-continue",
    b"Expect: the unexpected",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    b"Connection: close, keep-alive, upgrade, \xff",
    b"Connection: keep-alive\r\nKeep-Alive: timeout=99999999999999999999",
    b"Cookie: source=" + b"a" * 9000,
    b"Cookie: source=a; source=b; source",
    b'Cookie: source="\\377\\000\\"; =; ;;;',
    b'Cookie: source="' + b"\\" * 15_000 + b'"',
    b"Cookie: \x80\xff=\xff",
    b"Cookie: a=b\r\nCookie: source=x",
    b"Range: bytes=0-,5-1," + b"1-2," * 900,
    b"If-None-Match: *\r\nIf-Range: \xff",
    b"Content-Encoding: gzip",
    b"Accept-Encoding: " + b"gzip;q=9," * 900,
    b"X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4;proto=https\r\nX-Forwarded-Proto: \xff",
    b"X-HTTP-Method-Override: DELETE",
    b"Authorization: Bearer \xff" + b"x" * 4000,
    b"Content-Type: text/plain; charset=\xff",
    b"Trailer: X\r\nTE: trailers",
    b"Origin: null\r\nSec-Fetch-Site: cross-site",
)
FRAMINGS: Final = (
    b"Content-Length: 5\r\nContent-Length: 5",
    b"Content-Length: 5\r\nContent-Length: 50",
    b"Content-Length: 5, 5",
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 0x10",
    b"Content-Length: 5 5",
    b"Content-Length: " + b"9" * 30,
    b"Content-Length: 18446744073709551615",
    b"Content-Length: " + b"0" * 8000 + b"5",
    b"Content-Length:",
    b"Content-Length: \xb2",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: \xff",
    b"Transfer-Encoding: chunked",
)
CHUNKS: Final = (
    *(b"5\r\nhello\r\n0\r\n\r\n", b"5;ext=" + b"e" * 20_000 + b"\r\nhello\r\n0\r\n\r\n", b"-1\r\n\r\n", b"zz\r\n"),
    *(b"ffffffffffffffffffff\r\nx", b"5\r\nhelloXX0\r\n\r\n", b"0\r\nX: " + b"t" * 20_000 + b"\r\n\r\n", b"hello"),
    *(b"5\nhello\n0\n\n", b"1\r\na\r\n" * 5000 + b"0\r\n\r\n", b"5\r\nhel", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", b""),
)
PREFACES: Final = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    b"GET /\r\n",
    b"GET /submit\r\n\r\n",
    b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"PROXY UNKNOWN\r\n",
    b"\r\n\r\n\x00\r\nQUIT\n!\x11\x00\x0c\x01\x02\x03\x04\x05\x06\x07\x08\x00\x01\x00\x02",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x05\x01\x00",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"\r\n" * 9000,
    b"\x00" * 20_000,
    b"GET / HTTP/1.1\rHost: a\r\r",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b" GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 30,
    b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" * 9,
    b"POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" * 9,
    b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcdGET / HTTP/1.1\r\n\x00",
    b"\xef\xbb\xbfGET / HTTP/1.1\r\n\r\n",
)


def request(method: bytes, path: bytes, headers: bytes, body: bytes = b"", version: bytes = b"HTTP/1.1") -> bytes:
    """`headers` without the line end after the last of them."""
    return method + b" " + path + b" " + version + b"\r\n" + headers + b"\r\n\r\n" + body


def odd_line(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    path = draw.choice(draw.choice((paths, ODD_PATHS))) + draw.choice(QUERIES)
    return request(draw.choice(METHODS), path, b"Host: a\r\n" + cookie, b"", draw.choice(VERSIONS))


def odd_headers(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    chosen = [draw.choice(HEADERS) for _ in range(draw.randrange(1, 4))]
    host = draw.choice(((), (b"Host: a",), (b"Host: a",)))
    method = draw.choice((b"GET", b"POST", b"HEAD"))
    body = b"hello" if method == b"POST" else b""
    length = (b"Content-Length: %d" % len(body),) if body else ()
    return request(method, draw.choice(paths), b"\r\n".join((*host, cookie, *length, *chosen)), body)


def odd_framing(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    headers = b"\r\n".join((b"Host: a", cookie, draw.choice(FRAMINGS)))
    return request(draw.choice((b"POST", b"POST", b"GET")), draw.choice(paths), headers, draw.choice(CHUNKS))


def odd_fields(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    """The small urlencoded forms."""
    body = draw.choice(
        (
            *(b"csrf_token=" + b"x" * 20_000, b"&" * 5000, b"a=b&" * 17, b"%ff=%ff", b"\xff\x00", b"csrf_token=%00"),
            *(b"codename=" + b"%e2%82%ac" * 200, b"csrf_token=\xd9\xa1", b"=", b"csrf_token=a&csrf_token=b", b"{}"),
        )
    )
    kind = draw.choice((b"application/x-www-form-urlencoded", b"text/plain", b"\xff", b"multipart/form-data"))
    headers = b"\r\n".join((b"Host: a", cookie, b"Content-Type: " + kind, b"Content-Length: %d" % len(body)))
    return request(b"POST", draw.choice(paths[4:] or paths), headers, body)


def preface(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    return draw.choice(PREFACES)


def noise(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    return draw.randbytes(draw.choice((1, 10, 100, 5000, 40_000)))


def changed(draw: Random, cookie: bytes, paths: tuple[bytes, ...]) -> bytes:
    """A right request, by a few steps."""
    return mutate(draw, request(b"GET", draw.choice(paths), b"Host: a\r\n" + cookie))


SHAPES: Final[tuple[Callable[[Random, bytes, tuple[bytes, ...]], bytes], ...]] = (
    odd_line,
    odd_headers,
    odd_framing,
    odd_fields,
    preface,
    noise,
    changed,
)
