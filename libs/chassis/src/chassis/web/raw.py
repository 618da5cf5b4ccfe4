"""One answer as bytes, for refusals made before there is a request."""

from http import HTTPStatus

from chassis.web.headers import HeaderList


def raw_answer(status: int, page: bytes, headers: HeaderList) -> bytes:
    """Status line, headers and an HTML page; the connection ends with it."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode("ascii")]
    own = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(page)).encode("ascii")),
        (b"connection", b"close"),
    ]
    lines += [name + b": " + value for name, value in own + headers]
    return b"\r\n".join([*lines, b"", page])
