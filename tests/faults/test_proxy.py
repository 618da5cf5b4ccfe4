"""The proxy passes everything on, holds what it is told to hold, and loses only what it is told to lose."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy, TlsRecords, tcp_proxy


class Echo:
    """A server that says back what it hears."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            while heard := connection.recv(1024):
                connection.sendall(heard)

    def close(self) -> None:
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def line() -> Iterator[tuple[Proxy, socket.socket]]:
    """A proxy, and a connection through it to somebody who echoes."""
    echo = Echo()
    proxy, port = tcp_proxy(echo.port)
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        yield proxy, client
    proxy.close()
    echo.close()


def test_bytes_pass_both_ways(line: tuple[Proxy, socket.socket]) -> None:
    _, client = line

    client.sendall(b"hello")

    assert client.recv(5) == b"hello"


def test_what_is_held_arrives_when_it_is_released(line: tuple[Proxy, socket.socket]) -> None:
    proxy, client = line
    proxy.hold()
    client.sendall(b"hello")
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.recv(5)

    proxy.release()

    client.settimeout(5)
    assert client.recv(5) == b"hello"


def test_what_is_dropped_never_arrives_and_the_connection_ends(line: tuple[Proxy, socket.socket]) -> None:
    proxy, client = line
    proxy.hold()
    client.sendall(b"hello")
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.recv(5)

    proxy.release(drop=True)

    client.settimeout(5)
    assert client.recv(5) == b""


@pytest.mark.parametrize("cut", [1, 3, 5, 6, 7, 100])
def test_lengths_of_records_are_read_however_the_stream_is_cut(cut: int) -> None:
    stream = b"".join(b"\x17\x03\x03" + size.to_bytes(2) + bytes(size) for size in (1, 300, 8000))
    lengths: list[int] = []
    read = TlsRecords(lengths.append)

    for start in range(0, len(stream), cut):
        read(stream[start : start + cut])

    assert lengths == [1, 300, 8000]
