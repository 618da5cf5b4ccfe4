"""The status frame: one page that goes on being written while the form beside it is sent. No script, no refresh."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from source_api.pages import Pages
from source_api.progress import Progress, Snapshot, Stage

_LOOK_SECONDS: Final = 2.0  #: how soon "not open" shows, and how soon a stopping service ends the page
_ALIVE_SECONDS: Final = 20.0  #: something is written at least this often, so that a dead connection is noticed
_SPLIT: Final = "<!--lines-->"


@dataclass(frozen=True, slots=True)
class Watch:
    """What one status page looks at."""

    progress: Progress
    is_open: Callable[[], bool]
    is_stopping: Callable[[], bool]
    most_seconds: float  #: then the page ends with a link to a new one
    look_seconds: float = _LOOK_SECONDS


async def status_page(pages: Pages, watch: Watch, form_id: str) -> AsyncIterator[bytes]:
    """The page in pieces, each as soon as there is something new to say."""
    head, tail = pages.text("status.html").split(_SPLIT)
    seen = watch.progress.snapshot
    was_open = watch.is_open()
    loop = asyncio.get_running_loop()
    begun = alive_at = loop.time()
    yield (head + _line(pages, seen, was_open)).encode()
    while seen.stage is not Stage.RECEIVED and not watch.is_stopping() and loop.time() - begun < watch.most_seconds:
        now = await watch.progress.wait(seen, watch.look_seconds)
        is_open = watch.is_open()
        if now != seen or (is_open != was_open and now.stage is Stage.WAITING):
            yield _line(pages, now, is_open).encode()
            alive_at = loop.time()
        elif loop.time() - alive_at >= _ALIVE_SECONDS:
            yield b"\n"
            alive_at = loop.time()
        seen, was_open = now, is_open
    if seen.stage is not Stage.RECEIVED:
        yield pages.text("status_end.html", form_id=form_id).encode()
    yield tail.encode()


def _line(pages: Pages, now: Snapshot, is_open: bool) -> str:
    return pages.text("status_line.html", now=now, Stage=Stage, is_open=is_open)
