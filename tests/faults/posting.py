"""One post in a thread of its own, so that the test can kill something meanwhile; and the status frame beside it."""

import re
import threading
import time
from collections.abc import Iterator
from typing import Any, Final

import httpx

from tests.faults.history import Answer, Part, parts_of
from tests.stack.people import SourceClient, SourceFile

MIB: Final = 1024 * 1024
PAUSE_AT_BYTES: Final = 5 * MIB  #: more than the worker's first batch for the vault
_SECONDS: Final = 60.0
_PAGES: Final = {
    "Received": Answer.RECEIVED,
    "Received before": Answer.REPEATED,
    "Not received": Answer.NOT_RECEIVED,
    "Not open at this moment": Answer.NOT_RECEIVED,
    "Too many visitors at once": Answer.NOT_RECEIVED,
    "Not confirmed": Answer.NOT_CONFIRMED,
}
_FINAL_LINE: Final = re.compile(r"Not received|Not confirmed|Received and stored|Not open")


def answer_of(page: httpx.Response) -> Answer:
    """What a source reads."""
    heading = re.search(r"<h1[^>]*>([^<]+)</h1>", page.text)
    return _PAGES.get(heading[1], Answer.OTHER) if heading else Answer.OTHER


class Slow:
    """A file's content that stops in the middle until it may go on."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.may_go_on = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[:PAUSE_AT_BYTES]
        self.may_go_on.wait(_SECONDS)
        yield self._content[PAUSE_AT_BYTES:]


class Posting:
    """Begins at once. `form` is address and token, so that the same form can be sent again."""

    def __init__(
        self,
        source: SourceClient,
        form: tuple[str, str],
        message: str,
        file: tuple[str, bytes],
        *,
        stops: bool = False,
    ) -> None:
        self.form = form
        self.parts: tuple[Part, ...] = parts_of(message, [SourceFile(*file)])
        self.answer = Answer.SILENCE
        self.answered_at: float | None = None
        self.status_at: float | None = None
        self.slow = Slow(file[1])
        if not stops:
            self.slow.may_go_on.set()
        self._watcher = threading.Thread(target=self._watch, args=(source,))
        self._sender = threading.Thread(target=self._send, args=(source, message, file[0]))
        self._watcher.start()
        self._sender.start()

    def wait(self, seconds: float = _SECONDS) -> Answer:
        """The answer; SILENCE when the connection broke, or none came in time."""
        self.slow.may_go_on.set()
        self._sender.join(seconds)
        self._watcher.join(seconds if self.answer is not Answer.SILENCE else 1)
        return self.answer

    @property
    def is_over(self) -> bool:
        return not self._sender.is_alive()

    def _send(self, source: SourceClient, message: str, name: str) -> None:
        try:
            self.answer = answer_of(source.send(message, [SourceFile(name, self.slow)], form=self.form))
            self.answered_at = time.monotonic()
        except httpx.TransportError:
            pass  # the server died with our post

    def _watch(self, source: SourceClient) -> None:
        """Reads the status frame until it says how this ended."""
        status = self.form[0].replace("/submit", "/status")
        visit: dict[str, Any] = {"base_url": source.http.base_url, "cookies": source.http.cookies, "timeout": _SECONDS}
        try:
            with httpx.Client(**visit) as frame, frame.stream("GET", status) as page:
                self._read(page)
        except httpx.TransportError:
            pass  # told by `status_at`

    def _read(self, page: httpx.Response) -> None:
        for line in page.iter_lines():
            if _FINAL_LINE.search(line):
                self.status_at = time.monotonic()
                return
