"""One connection that sends whatever it is told, and what came back, taken apart without the help of a library."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

READ_BYTES: Final = 64 * 1024
QUIET_SECONDS: Final = 0.02  #: after a whole answer: a second one may follow
MOST_ANSWER_BYTES: Final = 8 * 1024 * 1024


class NotAnAnswer(Exception):
    """Bytes that are not a row of HTTP/1.1 answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `is_whole` is false where the connection was left, or ended, before the body did."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    is_whole: bool

    def header(self, name: str) -> str:
        return next((value for found, value in self.headers if found == name), "")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back in all.

    `has_ended`: the other side ended the connection, at the latest after we ended our half. `was_dropped`: it ended it
    of its own accord and without a word.
    """

    received: bytes = field(repr=False)
    has_ended: bool
    was_dropped: bool
    seconds: float


async def exchange(
    port: int, pieces: Sequence[bytes], patience: float, ending: float, *, whole: bool = True
) -> Exchange:
    """Sends the pieces, reads until an answer is whole, or nothing came for `patience` seconds; then ends our half.

    The other side has `ending` seconds to end its own. With `whole` false an answer is no reason to leave.
    """
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()
    sending = asyncio.create_task(_send(writer, pieces))
    try:
        has_ended = await _read_until_quiet(reader, received, patience, whole)
        was_dropped = has_ended and not received
        if not has_ended:
            with suppress(OSError):
                writer.write_eof()
            has_ended = await _read_to_end(reader, received, ending)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()
    return Exchange(bytes(received), has_ended, was_dropped, time.monotonic() - started)


async def _send(writer: asyncio.StreamWriter, pieces: Sequence[bytes]) -> None:
    with suppress(OSError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)


async def _read_until_quiet(reader: asyncio.StreamReader, received: bytearray, patience: float, whole: bool) -> bool:
    """True when the other side ended first."""
    while True:
        try:
            async with asyncio.timeout(QUIET_SECONDS if whole and _is_complete(received) else patience):
                chunk = await reader.read(READ_BYTES)
        except TimeoutError:
            return False
        except OSError:
            return True
        received += chunk
        if not chunk:
            return True


async def _read_to_end(reader: asyncio.StreamReader, received: bytearray, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(READ_BYTES):
                received += chunk
                assert len(received) < MOST_ANSWER_BYTES
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def _is_complete(received: bytearray) -> bool:
    try:
        found = answers(bytes(received))
    except NotAnAnswer:
        return False
    return bool(found) and found[-1].is_whole and found[-1].status >= 200


def answers(received: bytes) -> list[Answer]:
    """The answers in their order. Errors: NotAnAnswer."""
    found: list[Answer] = []
    while received:
        answer, received = _first(received)
        found.append(answer)
    return found


def _first(received: bytes) -> tuple[Answer, bytes]:
    head, separator, rest = received.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    version, _, status = lines[0].partition(b" ")
    if not separator or version != b"HTTP/1.1" or not status[:3].isdigit():
        raise NotAnAnswer(received[:80])
    headers = tuple(_header(line) for line in lines[1:])
    body, rest, is_whole = _body(int(status[:3]), dict(headers), rest)
    return Answer(int(status[:3]), headers, body, is_whole), rest


def _header(line: bytes) -> tuple[str, str]:
    name, separator, value = line.decode("latin-1").partition(":")
    if not separator:
        raise NotAnAnswer(line[:80])
    return name.lower(), value.strip()


def _body(status: int, headers: dict[str, str], rest: bytes) -> tuple[bytes, bytes, bool]:
    """Body, what follows it, and whether it was all. An answer to HEAD has none: the next answer follows at once."""
    if status < 200 or status in (204, 304):
        return b"", rest, True
    if headers.get("transfer-encoding") == "chunked":
        return _chunked(rest)
    if rest.startswith(b"HTTP/1.1 "):
        return b"", rest, True
    length = int(headers.get("content-length", len(rest)))
    return rest[:length], rest[length:], len(rest) >= length


def _chunked(rest: bytes) -> tuple[bytes, bytes, bool]:
    body = bytearray()
    while True:
        size, separator, after = rest.partition(b"\r\n")
        if not separator or len(after) < int(size, 16) + 2:
            return bytes(body), b"", False
        length = int(size, 16)
        body += after[:length]
        rest = after[length + 2 :]
        if length == 0:
            return bytes(body), rest, True
