"""The status frame: what it says, and how soon."""

import asyncio
import re
from collections.abc import AsyncIterator

from source_api.pages import Pages
from source_api.progress import Progress, Stage
from source_api.refusals import Reason
from source_api.status import Watch, status_page

PAGES = Pages("The Courier", False, 500 * 1024 * 1024, 8)


class Frame:
    """A status page as a browser reads it."""

    def __init__(self, most_seconds: float = 60.0) -> None:
        self.progress = Progress()
        self.is_open = True
        self.is_stopping = False
        watch = Watch(self.progress, lambda: self.is_open, lambda: self.is_stopping, most_seconds, look_seconds=0.02)
        self.pieces: AsyncIterator[bytes] = status_page(PAGES, watch, "f" * 32)

    async def line(self) -> str:
        """The text of the next piece."""
        async with asyncio.timeout(2):
            piece = (await anext(self.pieces)).decode()
        return re.sub(r"<[^>]+>", "", piece.split("<main")[-1].split(">", 1)[-1]).strip()

    async def rest(self) -> str:
        async with asyncio.timeout(2):
            return "".join([piece.decode() async for piece in self.pieces])


async def test_a_line_is_written_for_each_tenth_until_it_is_received() -> None:
    frame = Frame()
    lines = [await frame.line()]
    pen = frame.progress.begin(1000)
    lines.append(await frame.line())
    for _ in range(10):
        pen.count(100)
        lines.append(await frame.line())
    pen.note(Stage.STORING)
    lines.append(await frame.line())
    pen.note(Stage.RECEIVED)
    lines.append(await frame.line())

    assert lines[0].startswith("Ready.")
    assert lines[1] == "Receiving …"
    assert lines[2:12] == [f"{tenth} % received." for tenth in range(10, 101, 10)]
    assert lines[12:] == ["All of it is here. Sealing and storing …", "Received and stored. Press “Continue”."]
    assert (await frame.rest()).rstrip().endswith("</html>")


async def test_a_refusal_shows_at_once_and_a_second_try_goes_on_in_the_same_frame() -> None:
    frame = Frame()
    await frame.line()
    frame.progress.begin(1000).note(Stage.REFUSED, Reason.TOO_LARGE)
    refused = await frame.line()
    frame.progress.begin(100)

    assert refused == "Not received: more than 500 MB. You can stop the upload."
    assert await frame.line() == "Receiving again …"


async def test_a_service_that_closes_while_the_source_writes_shows_without_being_asked() -> None:
    frame = Frame()
    await frame.line()

    frame.is_open = False
    closed = await frame.line()
    frame.is_open = True

    assert closed.startswith("Not open:")
    assert (await frame.line()).startswith("Ready.")


async def test_the_page_is_announced_to_screen_readers_and_never_refreshes() -> None:
    frame = Frame()
    head = (await anext(frame.pieces)).decode()

    assert 'role="status"' in head
    assert "refresh" not in head


async def test_a_stopping_service_ends_the_page() -> None:
    frame = Frame()
    await frame.line()

    frame.is_stopping = True

    assert (await frame.rest()).rstrip().endswith("</html>")


async def test_a_forgotten_page_ends_with_a_way_to_a_new_one() -> None:
    frame = Frame(most_seconds=0.05)

    assert f'href="/status?form={"f" * 32}"' in await frame.rest()


def test_every_reason_has_words_of_its_own_in_frame_and_page() -> None:
    texts = {reason: bytes(PAGES.refusal(reason).body).decode() for reason in Reason}

    assert len({re.findall(r"<h1[^>]*>(.*?)</h1>", text)[0] for text in texts.values()}) == len(Reason)
    for text in texts.values():
        assert 'target="_top"' in text
