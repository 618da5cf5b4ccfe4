"""What a test asks of a browser, the same of each. Windows never wait for a page to have loaded: the page with the
streamed status frame never has, as long as it is open.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol, TypeVar

LOOK_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 30.0
PAGE: Final = ""  #: the page itself, where a method also takes the class of one of its frames

T = TypeVar("T")


class Window(Protocol):
    """One window of a profile of its own: no cookie, no cache, no script."""

    def open(self, url: str) -> None:
        """Goes there; returns as soon as something of the page is there."""

    def click(self, selector: str, frame: str = PAGE) -> None:
        """What the selector names must be there already."""

    def type(self, selector: str, text: str) -> None:
        """Into an empty field."""

    def choose(self, selector: str, files: list[Path]) -> None:
        """In a field for files."""

    def texts(self, selector: str, frame: str = PAGE) -> list[str]:
        """What is shown at this moment; nothing while the page or the frame is being replaced."""


class Browser(Protocol):
    """A kind of browser, ready to open windows."""

    def fresh(self) -> AbstractContextManager[Window]:
        """A window that knows nothing of any other."""


def until(ask: Callable[[], T], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """The first answer that is not empty. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(LOOK_SECONDS)
    return answer
