"""Every page of a source, narrow and wide: nothing to scroll sideways, nothing axe objects to.

Scripts are on here, for axe alone: the pages have none, and the policy forbids them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Chromium, ChromiumWindow
from tests.browser.visitor import Visitor
from tests.stack.people import JournalistClient
from tests.stack.system import System

AXE: Final = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
WIDTHS: Final = (320, 1000)
HEIGHT: Final = 900
LONG_WORD: Final = "https://example.org/" + "a" * 120
ALL: Final = {"preload": False, "iframes": False, "resultTypes": ["violations"]}
#: A frame is no page: it needs no heading and no landmarks.
WCAG: Final = {**ALL, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


class Inspector:
    """Looks at a page as it is, and keeps what is wrong with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self._axe = AXE.read_text()

    def look(self, name: str) -> None:
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            needed = self.page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                self.faults.append(f"{name} at {width}: {needed} px wide")
        for frame in (each for each in self.page.frames if each.url != "about:blank"):
            frame.evaluate(self._axe)
            options = ALL if frame is self.page.main_frame else WCAG
            found = frame.evaluate("options => axe.run(options)", options)
            self.faults += [f"{name} {frame.name}: {text}" for text in texts_of(found)]


def texts_of(found: dict[str, Any]) -> Iterator[str]:
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{violation['id']} at {node['target']}"


@pytest.fixture
def inspector() -> Iterator[Inspector]:
    with Chromium() as browser, browser.context(scripts=True) as context:
        yield Inspector(context.new_page())


def test_pages_fit_and_are_accessible(system: System, journalist: JournalistClient, inspector: Inspector) -> None:
    known = {source["id"] for source in journalist.sources()}
    source = Visitor(ChromiumWindow(inspector.page), system.source_url)

    source.open("/")
    inspector.look("first page")
    source.open_form()
    inspector.look("form")
    source.send()
    source.wait_for_answer("There was nothing to send")
    inspector.look("form, refused")
    source.send(f"Look at {LONG_WORD}")
    source.wait_for_answer("Received")
    inspector.look("form, received")
    source.go_on()
    inspector.look("codename")
    source.note_codename()
    [listed] = [each for each in journalist.sources() if each["id"] not in known]
    assert journalist.reply(listed["id"], f"Which page of {LONG_WORD}?").status_code == 201
    assert source.replies() != []
    inspector.look("reply")
    source.press('form[action="/logout"] button')
    source.wait_for_heading("You are logged out")
    inspector.look("logged out")
    source.log_in("not enough words")
    source.wait_for_fault("Word number 1")
    inspector.look("login, refused")
    source.open("/nowhere")
    inspector.look("nowhere")

    assert not inspector.faults, "\n".join(inspector.faults)
