"""A visitor's posts without a browser: to the desk itself, with a connection fed by hand."""

import asyncio
from typing import Any

import pytest
from source_api.body import Body
from source_api.desk import Post
from source_api.progress import Stage
from source_api.refusals import Reason, Refusal
from source_api.sessions import Accepted, Session

from tests.unit.source_api.fakes import BOUNDARY, multipart, receive_of
from tests.unit.source_api.site import Site

TYPE = "multipart/form-data; boundary=" + BOUNDARY.decode()


class Wire:
    """A connection the test feeds by hand."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def say(self, chunk: bytes, more: bool = True) -> None:
        self._queue.put_nowait({"type": "http.request", "body": chunk, "more_body": more})

    def hang_up(self) -> None:
        self._queue.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> dict[str, Any]:
        return await self._queue.get()


class Visit:
    """One session with one form, posted as often as wanted."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session: Session = site.sessions.begin()
        self.token = site.desk.tokens.issue(self.session.id)
        form_id = site.desk.tokens.form_of(self.token, self.session.id)
        assert form_id is not None
        self.form_id = form_id

    def body(self, message: bytes = b"hello") -> bytes:
        return multipart(("csrf_token", None, self.token.encode()), ("message", None, message), ("files", "", b""))

    def post(self, receive: Any, **changed: Any) -> Post:
        return Post(self.session, Body(receive), TYPE, **{"length": None, "hint": self.form_id, **changed})

    async def send(self, message: bytes = b"hello", **changed: Any) -> Accepted:
        return await self.site.desk.receive(self.post(receive_of(self.body(message)), **changed))

    def begin(self, **changed: Any) -> tuple[Wire, "asyncio.Task[Accepted]"]:
        """A post that has sent its message and goes on."""
        wire = Wire()
        wire.say(self.body()[:-10])
        return wire, asyncio.create_task(self.site.desk.receive(self.post(wire.receive, **changed)))

    @property
    def stage(self) -> tuple[Stage, Reason | None]:
        snapshot = self.session.form(self.form_id).progress.snapshot
        return snapshot.stage, snapshot.reason


async def reason_of(awaitable: Any) -> Reason:
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.reason


async def soon(is_so: Any) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  # another task changes it
            await asyncio.sleep(0.001)
