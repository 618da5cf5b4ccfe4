"""Stands between a service and broker or database, passes every byte on, and holds what is said back when told to.

Theory: nothing of production code knows that a test wants it stopped at a certain step. What passes here tells the
step: the database's protocol is readable on its unix socket; of the broker's TLS only the lengths of records can be
seen, and those suffice. A held byte is one the network has not delivered yet; a dropped one was lost with its sender.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

_BLOCK_BYTES: Final = 64 * 1024
_TLS_HEADER_BYTES: Final = 5

Watch = Callable[[bytes], None]


class Proxy:
    """Any number of connections from `listener` to `connect`. `on_asked` and `on_told` make a watch for each."""

    def __init__(self, listener: socket.socket, connect: Callable[[], socket.socket]) -> None:
        self._listener = listener
        self._connect = connect
        self._is_open = threading.Event()
        self._is_open.set()
        self._drops = False
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self.on_asked: Callable[[], Watch] = lambda: lambda _: None
        self.on_told: Callable[[], Watch] = lambda: lambda _: None
        self._spawn(self._accept)

    @property
    def is_holding(self) -> bool:
        return not self._is_open.is_set()

    def hold(self) -> None:
        """From now on nothing the server says reaches the service."""
        self._drops = False
        self._is_open.clear()

    def release(self, *, drop: bool = False) -> None:
        """What was held goes on, or is lost together with its connection."""
        self._drops = drop
        self._is_open.set()

    def close(self) -> None:
        """Ends every connection and thread."""
        self.release(drop=True)
        for each in (self._listener, *tuple(self._sockets)):
            _shut(each)
        for thread in tuple(self._threads):
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                service, _ = self._listener.accept()
                try:
                    server = self._connect()
                except OSError:
                    service.close()
                    continue
                self._sockets |= {service, server}
                self._spawn(self._pump, service, server, self.on_asked(), lambda: False)
                self._spawn(self._pump, server, service, self.on_told(), self._wait)
        self._listener.close()

    def _wait(self) -> bool:
        """True if what was held is lost."""
        if self._is_open.is_set():
            return False
        self._is_open.wait()
        return self._drops

    def _pump(self, source: socket.socket, target: socket.socket, watch: Watch, is_lost: Callable[[], bool]) -> None:
        """One direction. A watch that calls `hold` holds the very bytes it saw."""
        with contextlib.suppress(OSError):
            while block := source.recv(_BLOCK_BYTES):
                watch(block)
                if is_lost():
                    break
                target.sendall(block)
        for each in (source, target):
            _shut(each)
            self._sockets.discard(each)

    def _spawn(self, work: Callable[..., None], *arguments: object) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def _shut(one: socket.socket) -> None:
    """Wakes whoever reads it, then closes."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


def tcp_proxy(port: int) -> tuple[Proxy, int]:
    """In front of a port of this machine; with the port to use instead."""
    listener = socket.create_server(("127.0.0.1", 0))
    return Proxy(listener, lambda: socket.create_connection(("127.0.0.1", port), 5)), listener.getsockname()[1]


def unix_proxy(directory: Path, target: Path) -> Proxy:
    """In front of a database's socket: has the same name, in `directory`."""

    def connect() -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(target))
        except OSError:
            server.close()
            raise
        return server

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(directory / target.name))
    listener.listen()
    return Proxy(listener, connect)


class TlsRecords:
    """Reads the lengths of TLS records out of a stream, without its keys (RFC 8446, 5.1)."""

    def __init__(self, on_length: Callable[[int], None]) -> None:
        self._on_length = on_length
        self._rest = b""
        self._skip = 0

    def __call__(self, block: bytes) -> None:
        while block:
            if self._skip:
                passed = min(self._skip, len(block))
                self._skip -= passed
                block = block[passed:]
                continue
            missing = _TLS_HEADER_BYTES - len(self._rest)
            self._rest, block = self._rest + block[:missing], block[missing:]
            if len(self._rest) == _TLS_HEADER_BYTES:
                self._skip, self._rest = int.from_bytes(self._rest[3:]), b""
                self._on_length(self._skip)
