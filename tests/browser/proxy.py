"""A proxy that writes down every request of a browser and lets through only what is for the site under test."""

import socket
import socketserver
import threading
from typing import Final, Self
from urllib.parse import urlsplit

MOST_HEAD_BYTES: Final = 65536
BLOCK_BYTES: Final = 65536


class Proxy(socketserver.ThreadingTCPServer):
    """`seen` holds "METHOD address" of each request, in order; for TLS the address is "host:port"."""

    def __init__(self, site: str) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.site = site
        self.seen: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """The browser must have gone already: exchanges under way are waited for."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no error."""


class _Exchange(socketserver.BaseRequestHandler):
    """One connection, one request: the site is asked to close, so that the next one is seen too."""

    server: Proxy
    request: socket.socket

    def handle(self) -> None:
        head, rest = self._head()
        if not head:
            return
        method, address, version = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        self.server.seen.append(f"{method} {address}")
        if not address.startswith(f"{self.server.site}/"):
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        parts = urlsplit(address)
        path = address[len(self.server.site) :]
        fields = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith((b"connection:", b"proxy-"))]
        lines = [f"{method} {path} {version}".encode("latin-1"), *fields, b"Connection: close"]
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as site:
            site.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + rest)
            upload = threading.Thread(target=_copy, args=(self.request, site))
            upload.start()
            _copy(site, self.request)
            self.request.shutdown(socket.SHUT_RDWR)
            upload.join()

    def _head(self) -> tuple[bytes, bytes]:
        """Empty when the browser only tried the connection."""
        received = b""
        while b"\r\n\r\n" not in received and len(received) < MOST_HEAD_BYTES:
            block = self.request.recv(BLOCK_BYTES)
            if not block:
                return b"", b""
            received += block
        head, _, rest = received.partition(b"\r\n\r\n")
        return head, rest


def _copy(giver: socket.socket, taker: socket.socket) -> None:
    """Until one side ends."""
    try:
        while block := giver.recv(BLOCK_BYTES):
            taker.sendall(block)
        taker.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other side has gone
