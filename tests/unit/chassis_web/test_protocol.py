"""A real listener, real sockets, and strangers who break every bound."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from chassis.web.protocol import Guard
from chassis.web.raw import raw_answer
from chassis.web.server import Listen, ListenError, open_listener, serve
from starlette.types import Receive, Scope, Send

HEADERS = [(b"content-security-policy", b"default-src 'none'"), (b"cache-control", b"no-store")]
GUARD = Guard(refusal=raw_answer(400, b"<h1>our own page</h1>", HEADERS), header_seconds=0.3, write_seconds=0.5)
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class Echo:
    """An app that reads the whole body and says how long it was; it remembers scopes and whether it saw an end."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.ends: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        count = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ends.append("cut")
                return
            count += len(message["body"])
            if not message["more_body"]:
                break
        self.ends.append("whole")
        text = str(count).encode()
        headers = [(b"content-length", str(len(text)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})


@asynccontextmanager
async def served(app: Callable[[Scope, Receive, Send], Awaitable[None]], guard: Guard = GUARD) -> AsyncIterator[int]:
    listener = open_listener(Listen(port=0))
    port = listener.getsockname()[1]
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, listener, guard, stop, grace=1.0))
    try:
        yield port
    finally:
        stop.set()
        await task


async def say(port: int, *parts: bytes, pause: float = 0.0, wait: float = 3.0) -> bytes:
    """Send the parts, then read until the other side ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):  # the other side may have ended already
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
        with suppress(ConnectionError):
            async with asyncio.timeout(wait):
                return await reader.read()
        return b""
    finally:
        writer.close()


async def test_nonsense_gets_our_own_page_with_our_headers() -> None:
    async with served(Echo()) as port:
        answer = await say(port, b"\x16\x03\x01 nonsense\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-security-policy: default-src 'none'" in answer
    assert answer.endswith(b"<h1>our own page</h1>")
    assert b"server:" not in answer.lower()
    assert b"date:" not in answer.lower()


async def test_an_answer_names_no_server_and_no_date() -> None:
    async with served(Echo()) as port:
        answer = await say(port, b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answer.lower()
    assert b"date:" not in answer.lower()


@pytest.mark.parametrize(
    "parts",
    [
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 17_000,),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 17_000 + b"\r\n\r\n",),
        (b"GET /" + b"a" * 17_000 + b" HTTP/1.1\r\n\r\n",),
        (b"GET / HTTP/1.1\r\n", *[b"x: " + b"a" * 1000 + b"\r\n"] * 17),
        (GET[:-2] + b"connection: keep-alive\r\n\r\n" + b"GET / HTTP/1.1\r\nx: " + b"a" * 17_000 + b"\r\n\r\n",),
    ],
    ids=["one endless header", "one long header", "a long path", "many headers", "second request in the chunk"],
)
async def test_more_than_16_kib_of_headers_are_refused(parts: tuple[bytes, ...]) -> None:
    app = Echo()
    async with served(app) as port:
        answer = await say(port, *parts)

    assert b"our own page" in answer
    assert len(app.scopes) <= 1


async def test_nearly_16_kib_of_headers_are_taken_byte_by_chunk() -> None:
    app = Echo()
    request = b"GET / HTTP/1.1\r\nconnection: close\r\nx: " + b"a" * 16_000 + b"\r\n\r\n"
    async with served(app) as port:
        answer = await say(port, *[request[start : start + 1000] for start in range(0, len(request), 1000)])

    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_request_whose_headers_never_end_is_refused_after_the_deadline() -> None:
    async with served(Echo()) as port:
        answer = await say(port, b"GET / HTTP/1.1\r\n", b"a: b\r\n", pause=0.2)

    assert b"our own page" in answer


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with served(Echo()) as port:
        assert await say(port) == b""


async def test_the_deadline_holds_for_the_second_request_of_a_connection_too() -> None:
    app = Echo()
    async with served(app) as port:
        answer = await say(port, GET, b"GET / HTTP/1.1\r\n", pause=0.1)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"our own page" in answer
    assert len(app.scopes) == 1


async def test_a_body_that_trickles_is_cut_off() -> None:
    app = Echo()
    guard = replace(GUARD, body_grace_seconds=0.2, least_body_rate=1000)
    async with served(app, guard) as port:
        answer = await say(port, b"POST / HTTP/1.1\r\ncontent-length: 1000\r\n\r\n", *[b"a"] * 5, pause=0.1)

    assert answer == b""
    assert app.ends == ["cut"]


async def test_a_body_at_the_least_rate_is_read_to_its_end() -> None:
    app = Echo()
    guard = replace(GUARD, body_grace_seconds=0.2, least_body_rate=1000)
    parts = [b"POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: 3000\r\n\r\n", *[b"a" * 600] * 5]
    async with served(app, guard) as port:
        answer = await say(port, *parts, pause=0.1)

    assert answer.endswith(b"3000")


async def test_an_app_that_reads_slowly_is_not_blamed_on_the_sender() -> None:
    ends: list[int] = []

    async def slow(_: Scope, receive: Receive, send: Send) -> None:
        count = 0
        more = True
        while more:
            await asyncio.sleep(0.5)
            message = await receive()
            assert message["type"] == "http.request"
            count, more = count + len(message["body"]), message["more_body"]
        ends.append(count)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    guard = replace(GUARD, body_grace_seconds=0.1, least_body_rate=10_000_000)
    body = b"a" * 400_000
    head = b"POST / HTTP/1.1\r\nconnection: close\r\ncontent-length: 400000\r\n\r\n"
    async with served(slow, guard) as port:
        answer = await say(port, head + body, wait=6.0)

    assert answer.startswith(b"HTTP/1.1 200")
    assert ends == [400_000]


async def test_a_broken_chunk_in_a_body_ends_the_request_for_the_app_and_gets_our_page() -> None:
    app = Echo()
    async with served(app) as port:
        answer = await say(port, b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n", pause=0.1)

    assert b"our own page" in answer
    assert app.ends == ["cut"]


async def test_a_reader_that_does_not_read_is_cut_off() -> None:
    ended = asyncio.Event()

    async def flood(_: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _number in range(1000):
            await send({"type": "http.response.body", "body": b"a" * 100_000, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.set()

    async with served(flood) as port:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(GET)
        async with asyncio.timeout(4):
            await ended.wait()
        writer.close()


@pytest.mark.parametrize("cut", range(0, 60, 7))
async def test_the_proxy_line_gives_the_circuit_wherever_the_chunk_ends(cut: int) -> None:
    app = Echo()
    line = b"PROXY TCP6 fc00:dead:beef:4dad::1:2a ::1 65535 80\r\n"
    request = line + b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n"
    async with served(app, replace(GUARD, expects_proxy_line=True)) as port:
        answer = await say(port, request[:cut], request[cut:], pause=0.01)

    assert answer.startswith(b"HTTP/1.1 200")
    assert app.scopes[0]["state"]["circuit"] == "fc00:dead:beef:4dad::1:2a"
    assert app.scopes[0]["client"] is None


@pytest.mark.parametrize("start", [GET, b"PROXY nonsense\r\n" + GET, b"PROXY TCP6 " + b"f" * 200, b"PROXX"])
async def test_without_a_proxy_line_nothing_is_served_where_one_is_expected(start: bytes) -> None:
    app = Echo()
    async with served(app, replace(GUARD, expects_proxy_line=True)) as port:
        answer = await say(port, start)

    assert b"our own page" in answer
    assert app.scopes == []


async def test_a_proxy_line_is_an_error_where_none_is_expected() -> None:
    async with served(Echo()) as port:
        answer = await say(port, b"PROXY TCP6 ::1 ::1 1 80\r\n" + GET)

    assert b"our own page" in answer


async def test_no_address_reaches_the_app() -> None:
    app = Echo()
    async with served(app) as port:
        await say(port, b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")

    assert app.scopes[0]["client"] is None


async def test_one_connection_too_many_gets_our_page() -> None:
    async with served(Echo(), replace(GUARD, most_connections=1)) as port:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
        answer = await say(port)
        writer.close()

    assert b"our own page" in answer


async def test_a_unix_socket_is_served_with_its_own_mode(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    path.touch()
    listener = open_listener(Listen(socket=path, socket_mode=0o600))
    stop = asyncio.Event()
    task = asyncio.create_task(serve(Echo(), listener, GUARD, stop, grace=1.0))
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    stop.set()
    await task

    assert answer.startswith(b"HTTP/1.1 200")
    assert path.stat().st_mode & 0o777 == 0o600
    assert listener.family == socket.AF_UNIX


def test_a_port_that_is_taken_is_an_error_of_ours() -> None:
    with open_listener(Listen(port=0)) as taken, pytest.raises(ListenError):
        open_listener(Listen(port=taken.getsockname()[1]))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("/run/x.sock", Listen(socket=Path("/run/x.sock"))),
        ("127.0.0.1:80", Listen(host="127.0.0.1", port=80)),
        ("[::1]:80", Listen(host="::1", port=80)),
    ],
)
def test_a_line_of_settings_says_where_to_listen(text: str, where: Listen) -> None:
    assert Listen.parse(text) == where
