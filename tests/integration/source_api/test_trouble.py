"""What a source sees, and what is kept, when something is away, too large, or breaks."""

import asyncio
import re
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.source_api.newsroom import Newsroom, Visitor

MIB = 1024 * 1024
BOUNDARY = "----geckoformboundary12345"
TYPE = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


class Form:
    """One open form whose body the test writes piece by piece."""

    def __init__(self, visitor: Visitor, page: str) -> None:
        self._visitor = visitor
        token = re.findall(r'name="csrf_token" value="([^"]+)" *>\n<label for="message"', page)[0]
        self.path = re.findall(r'action="(/submit\?form=[0-9a-f]{32})"', page)[0]
        self.status_path = self.path.replace("/submit", "/status")
        self.head = _part("csrf_token", token) + _part("message", "hello") + _file_head()
        self.tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    @classmethod
    async def open(cls, visitor: Visitor) -> "Form":
        return cls(visitor, (await visitor.web.get("/submit")).text)

    async def send(self, pieces: AsyncIterator[bytes], length: int | None = None) -> httpx.Response:
        headers = TYPE if length is None else {**TYPE, "content-length": str(length)}
        return await self._visitor.web.post(self.path, content=pieces, headers=headers)

    async def status(self, until: str) -> str:
        """What the status frame has written when these words appear in it."""
        text = ""
        async with asyncio.timeout(20), self._visitor.web.stream("GET", self.status_path) as answer:
            async for piece in answer.aiter_text():
                text += piece
                if until in text:
                    break
        return text


def _part(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def _file_head() -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="f"\r\n\r\n'.encode()


async def slowly(form: Form, megabytes: int, pause: float) -> AsyncIterator[bytes]:
    yield form.head
    for _ in range(megabytes):
        yield bytes(MIB)
        await asyncio.sleep(pause)
    yield form.tail


async def test_the_status_frame_follows_an_upload_tenth_by_tenth(newsroom: Newsroom, visitor: Visitor) -> None:
    form = await Form.open(visitor)
    watching = asyncio.create_task(form.status("Received and stored"))
    length = len(form.head) + 20 * MIB + len(form.tail)

    answer = await form.send(slowly(form, 20, 0.02), length)

    text = await watching
    assert answer.status_code == 200
    assert re.findall(r"(\d+) % received", text) == [str(tenth) for tenth in range(10, 101, 10)]
    assert "Received and stored" in text


async def test_without_a_worker_the_page_says_not_open_and_nothing_is_accepted(
    newsroom: Newsroom, visitor: Visitor
) -> None:
    token = await visitor.token("/submit")
    await newsroom.stop_worker()
    await newsroom.until_open(False)

    form, post = await visitor.web.get("/submit"), await visitor.send("hello", token=token)

    assert (form.status_code, post.status_code) == (503, 503)
    assert "Not open at this moment" in post.text
    assert await newsroom.is_empty()
    await newsroom.start_worker()
    await newsroom.until_open()
    assert (await visitor.send("hello", token=token)).status_code == 200


async def test_a_worker_that_dies_during_an_upload_is_told_within_ten_seconds(
    newsroom: Newsroom, visitor: Visitor
) -> None:
    form = await Form.open(visitor)
    watching = asyncio.create_task(form.status("Not received"))
    sending = asyncio.create_task(form.send(slowly(form, 40, 0.3)))
    await form.status("MB received")
    begun = time.monotonic()

    await newsroom.kill_worker()
    await watching

    assert time.monotonic() - begun < 10
    assert (await sending).status_code == 503


@pytest.mark.parametrize("newsroom", [{"max_request_bytes": 2 * MIB}], indirect=True)
async def test_a_post_over_the_limit_gets_a_friendly_page_and_leaves_nothing(
    newsroom: Newsroom, visitor: Visitor
) -> None:
    counted, announced = await Form.open(visitor), await Form.open(visitor)
    watching = asyncio.create_task(announced.status("more than 2 MB"))

    by_count = await counted.send(slowly(counted, 4, 0))
    by_length = await announced.send(slowly(announced, 4, 0.3), len(announced.head) + 4 * MIB + len(announced.tail))

    assert (by_count.status_code, by_length.status_code) == (413, 413)
    assert "That is too large" in by_count.text
    assert "more than 2 MB" in await watching
    assert await eventually_empty(newsroom)
    assert (await visitor.send("small enough")).status_code == 200


async def test_a_connection_that_breaks_leaves_nothing(newsroom: Newsroom, visitor: Visitor) -> None:
    form = await Form.open(visitor)
    sending = asyncio.create_task(form.send(slowly(form, 40, 0.2)))
    await form.status("MB received")

    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)

    assert await eventually_empty(newsroom)


async def test_pressing_send_again_drops_the_first_and_keeps_the_second(newsroom: Newsroom, visitor: Visitor) -> None:
    form = await Form.open(visitor)
    first = asyncio.create_task(form.send(slowly(form, 30, 0.2)))
    await form.status("MB received")

    second = await form.send(slowly(form, 1, 0))

    assert second.status_code == 200
    assert (await first).status_code == 409
    rows = await newsroom.query("SELECT kind FROM sealdrop.item ORDER BY position")
    assert [row["kind"] for row in rows] == ["message", "file"]


async def test_nonsense_on_the_wire_gets_a_whole_page_with_every_header(newsroom: Newsroom) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", newsroom.port)
    writer.write(b"\x16\x03\x01\x02\x00\r\n\r\n")
    answer = (await reader.read()).decode()
    writer.close()

    assert answer.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "content-security-policy: default-src 'none'" in answer
    assert "The Courier" in answer
    assert "server:" not in answer.lower()
    assert "\ndate:" not in answer.lower()


async def eventually_empty(newsroom: Newsroom) -> bool:
    """The worker discards what was begun within a few seconds."""
    for _ in range(100):
        if await newsroom.is_empty():
            return True
        await asyncio.sleep(0.1)
    return False
