"""The parsers of what strangers send over HTTP: the form, the PROXY line, a Range header, a typed codename."""

import asyncio
import logging
import re
from collections.abc import Iterator
from typing import Final

from chassis.web.protocol import Guard, guarded
from journalist_api.ranges import Unsatisfiable, wanted_span
from source_api.codenames import fault_of
from source_api.multipart import MultipartReader, NotAForm, PartBytes, boundary_of
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from tests.fuzz.target import Target

BOUNDARY: Final = b"b0undary"
SIZE: Final = 1000
REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"
CIRCUIT: Final = re.compile(r"[0-9a-fA-F:.]{0,45}")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzäöüßéñ"
WORDS: Final = tuple(f"word{first}{second}" for first in _LETTERS for second in _LETTERS)  #: 1024, as few as may be
FORM: Final = (
    b'--b0undary\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\ntoken\r\n'
    b'--b0undary\r\nContent-Disposition: form-data; name="files"; filename="a%22.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\nsome\r\n--b0undarbytes\r\n--b0undary--\r\n"
)

Parsed = tuple[list[object], bytes, bool]


def form_events(data: bytes, sizes: Iterator[int]) -> Parsed:
    """Events but for the bytes, all bytes, and whether the form came to its end. Errors: NotAForm."""
    reader = MultipartReader(BOUNDARY)
    events: list[object] = []
    content = bytearray()
    while data:
        size = next(sizes)
        for event in reader.feed(data[:size]):
            if isinstance(event, PartBytes):
                content += event.data
            else:
                events.append(event)
        data = data[size:]
    return events, bytes(content), reader.is_complete


def _form(data: bytes) -> None:
    """However the bytes are cut, the form is the same; but line ends before it the library skips chunk by chunk."""
    data = data.lstrip(b"\r\n")
    whole = _outcome(data, 65_536)
    assert whole == _outcome(data, 1) == _outcome(data, 7)
    if whole is None:
        raise NotAForm


def _outcome(data: bytes, size: int) -> Parsed | None:
    try:
        return form_events(data, iter(lambda: size, None))
    except NotAForm:
        return None


def _content_type(data: bytes) -> None:
    assert 1 <= len(boundary_of(data.decode("latin-1"))) <= 200


def _range(data: bytes) -> None:
    span = wanted_span(data.decode("latin-1"), None, '"etag"', SIZE)
    assert span is None or 0 <= span.start < span.stop <= SIZE


def _codename(data: bytes) -> None:
    fault_of(data.decode("utf-8", "replace"), WORDS)


class _Transport(asyncio.Transport):
    """Remembers what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def can_write_eof(self) -> bool:
        return False

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class _Connections:
    """A web server's protocol without a server: a fresh connection for each input."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._scopes: list[Scope] = []
        self._protocol = guarded(Guard(REFUSAL, expects_proxy_line=True))
        self._config = Config(
            self._answer, ws="none", lifespan="off", loop="none", log_config=None, server_header=False
        )
        self._config.load()

    def take(self, data: bytes) -> None:
        transport = _Transport()
        protocol = self._protocol(self._config, ServerState(), {}, self._loop)
        protocol.connection_made(transport)
        for start in range(0, len(data), 50):
            protocol.data_received(data[start : start + 50])
        self._loop.run_until_complete(asyncio.sleep(0))
        protocol.connection_lost(None)
        self._loop.run_until_complete(asyncio.sleep(0))
        assert not transport.written or transport.written.startswith(b"HTTP/1.1 ")
        while self._scopes:
            assert CIRCUIT.fullmatch(self._scopes.pop()["state"]["circuit"])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scopes.append(scope)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


for _library in ("uvicorn.error", "python_multipart.multipart"):
    logging.getLogger(_library).disabled = True  # as `chassis.web.server.serve` does

CONNECTIONS: Final = _Connections()
PROXIED: Final = b"PROXY TCP6 fc00:dead:beef:4dad::1:2 ::1 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"

WEB_TARGETS: Final = (
    Target("form", _form, (NotAForm,), (FORM,)),
    Target("content type", _content_type, (NotAForm,), (b"multipart/form-data; boundary=\"a b\"; x*=utf-8''%ff",)),
    Target("proxy line", CONNECTIONS.take, (), (PROXIED, PROXIED.replace(b"TCP6", b"UNKNOWN"))),
    Target("range", _range, (Unsatisfiable,), (b"bytes=0-99", b"bytes=-5", b"bytes=3-")),
    Target("codename", _codename, (), (b"alpha BRAVO  charlie\t", "ａlpha".encode())),
)
