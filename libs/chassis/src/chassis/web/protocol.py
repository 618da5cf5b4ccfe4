"""What uvicorn's HTTP lacks, in one subclass: PROXY line, bounded headers, deadlines, a minimum body rate, own errors.

Theory: a listener behind tor meets strangers only. Whatever they do, one connection holds at most one chunk and
16 KiB of headers, a silent or trickling one ends, and an answer to nonsense is a whole page with all security headers.
uvicorn's own limits are not used: its refusals carry no headers of ours.
Source: uvicorn.protocols.http.httptools_impl (0.54); haproxy PROXY protocol version 1.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

_PROXY_LINE: Final = re.compile(rb"PROXY (?:TCP4|TCP6|UNKNOWN)(?: ([0-9a-fA-F:.]{2,45}) [ -~]*)?")
_LONGEST_PROXY_LINE: Final = 107  #: of version 1, CRLF included
_LINGER_SECONDS: Final = 2.0  #: after a refusal: closing at once would reset the connection and lose our page


@dataclass(frozen=True, slots=True)
class Guard:
    """The bounds, and the bytes of the page (status line and headers included) sent to who breaks them."""

    refusal: bytes = field(repr=False)
    expects_proxy_line: bool = False
    most_header_bytes: int = 16 * 1024
    header_seconds: float = 10.0
    body_grace_seconds: float = 30.0  #: length of one window in which the body's rate is measured
    least_body_rate: int = 1024  #: bytes per second
    write_seconds: float = 60.0  #: for a reader that does not read
    most_connections: int = 1000


class _Refused(Exception):
    """Raised inside a parser callback; httptools turns it into a parser error."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `guarded(guard)` makes the class uvicorn is given."""

    guard: Guard

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False
        self._proxy_line: bytes | None = b"" if self.guard.expects_proxy_line else None
        self._in_headers = True
        self._header_bytes = 0
        self._request_head_bytes = 0  #: what the parser made of this request: several may share one chunk
        self._since_body = 0  #: bytes of a body that were none: chunk sizes and trailers
        self._body_bytes = 0
        self._was_paused = False
        self._is_refused = False
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.client = None  # an address is never wanted, and a circuit id stays in `state`
        self._set_timer("headers", self.guard.header_seconds, self._on_late_headers)
        if len(self.connections) > self.guard.most_connections:
            self._refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        for name in tuple(self._timers):
            self._clear_timer(name)
        self._is_refused = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        if self._proxy_line is not None:
            data = self._take_proxy_line(data)
        if self._in_headers and data and not self._is_refused:
            self._set_timer("headers", self.guard.header_seconds, self._on_late_headers, keep=True)
            room = self.guard.most_header_bytes - self._header_bytes
            head, data = data[:room], data[room:]
            self._header_bytes += len(head)
            super().data_received(head)
            if self._in_headers and self._header_bytes >= self.guard.most_header_bytes:
                self._refuse()
        if data and not self._is_refused:
            self._since_body += len(data)
            super().data_received(data)
            if not self._in_headers and self._since_body > self.guard.most_header_bytes:
                self._refuse()

    def _take_proxy_line(self, data: bytes) -> bytes:
        """What follows the line; nothing while it is incomplete. Only the circuit id is kept, in memory."""
        assert self._proxy_line is not None
        seen = self._proxy_line + data
        end = seen.find(b"\r\n", 0, _LONGEST_PROXY_LINE)
        if end < 0:
            self._proxy_line = seen
            if len(seen) >= _LONGEST_PROXY_LINE or not b"PROXY ".startswith(seen[:6]):
                self._refuse()
            return b""
        match = _PROXY_LINE.fullmatch(seen[:end])
        if match is None:
            self._refuse()
            return b""
        self.app_state = {**self.app_state, "circuit": (match.group(1) or b"").decode("ascii")}
        self._proxy_line = None
        return seen[end + 2 :]

    def on_message_begin(self) -> None:
        self._request_head_bytes = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"cookie":
            # Ours have no backslash, and to read them Python (3.11: gh-123067) takes a second for 16 KiB.
            value = value.replace(b"\\", b"")
        super().on_header(name, value)
        self._count_head(len(name) + len(value) + 4)

    def _count_head(self, byte_count: int) -> None:
        """Adds up, and never counts anew: with three thousand headers that took half a second of everybody's time."""
        self._request_head_bytes += byte_count
        if self._request_head_bytes > self.guard.most_header_bytes:
            raise _Refused

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_headers = False
        self._clear_timer("headers")
        self._begin_window()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._since_body = 0
        self._body_bytes += len(body)
        self._was_paused = self._was_paused or self.flow.read_paused

    def on_message_complete(self) -> None:
        self._clear_timer("body")
        # What comes next are the next request's headers; an idle connection is uvicorn's keep-alive timer's.
        self._in_headers = True
        self._header_bytes = self._since_body = 0
        super().on_message_complete()

    def _begin_window(self) -> None:
        self._body_bytes = 0
        self._was_paused = self.flow.read_paused
        self._set_timer("body", self.guard.body_grace_seconds, self._on_body_window)

    def _on_body_window(self) -> None:
        """Who sends too little is cut off, unless it was we who did not read."""
        least = self.guard.least_body_rate * self.guard.body_grace_seconds
        if self._body_bytes < least and not self._was_paused and not self.flow.read_paused:
            self.transport.close()
            return
        self._begin_window()

    def _on_late_headers(self) -> None:
        if self._header_bytes or self._proxy_line:
            self._refuse()
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._set_timer("write", self.guard.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._clear_timer("write")

    def send_400_response(self, msg: str) -> None:
        """uvicorn's way to say that it could not parse."""
        self._refuse()

    def _refuse(self) -> None:
        """Our page, then the end of this connection; what still comes is dropped."""
        if self._is_refused or self.transport.is_closing():
            return
        self._is_refused = True
        for name in tuple(self._timers):
            self._clear_timer(name)
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if is_answering and self.cycle.response_started:
            self.transport.close()
            return
        self.transport.write(self.guard.refusal)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()
        self._set_timer("linger", _LINGER_SECONDS, self.transport.close)

    def _set_timer(self, name: str, seconds: float, call: Callable[[], None], *, keep: bool = False) -> None:
        if keep and name in self._timers:
            return
        self._clear_timer(name)
        self._timers[name] = self.loop.call_later(seconds, call)

    def _clear_timer(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


def guarded(guard: Guard) -> type[GuardedProtocol]:
    """The protocol class with these bounds."""
    return type("BoundGuardedProtocol", (GuardedProtocol,), {"guard": guard})
