"""A source's browser asks for our pages and for nothing else. A proxy that writes down every request stands between."""

from pathlib import Path

import pytest

from tests.browser.chromium import NOT_BUILT_IN, Chromium
from tests.browser.firefox import Firefox
from tests.browser.proxy import Proxy
from tests.browser.visitor import Visitor
from tests.browser.window import Window
from tests.stack.system import System

OURS = {"/", "/style.css", "/submit", "/status", "/sent", "/inbox", "/login", "/logout"}


def walk(window: Window, url: str, file: Path) -> None:
    """Every page of a source, with an upload."""
    source = Visitor(window, url)
    source.open_form()
    source.send("A message.", [file])
    source.wait_for_answer("Received")
    source.go_on()
    source.note_codename()
    source.replies()
    source.press('form[action="/logout"] button')
    source.wait_for_heading("You are logged out")
    source.log_in("not enough words")
    source.wait_for_fault("Word number 1")
    source.open("/nowhere")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page nine.txt"
    path.write_text("Nine.")
    return path


def test_chromium_asks_for_our_pages_only_and_has_nothing_to_complain_of(system: System, file: Path) -> None:
    """Chromium also asks Google for things of its own, which no flag stops: of other hosts, what pages cause counts."""
    site = f"{system.source_url}/"
    with Proxy(system.source_url) as proxy, Chromium(proxy.address) as browser, browser.fresh() as window:
        walk(window, system.source_url, file)
        requested, complaints = window.requested, window.complaints

    assert [address for address in requested if not address.startswith(site)] == []
    assert paths(proxy) == {*OURS, "/nowhere"}
    expected = (
        NOT_BUILT_IN,
        "status of 400",
        "status of 404",
    )  # what is wrong with the codename; a page that is nowhere
    assert [text for text in complaints if not any(words in text for words in expected)] == []


def test_firefox_asks_for_our_pages_only(system: System, file: Path) -> None:
    with Proxy(system.source_url) as proxy, Firefox(proxy.address).fresh() as window:
        walk(window, system.source_url, file)

    assert [request for request in proxy.seen if not address_of(request).startswith(f"{proxy.site}/")] == []
    assert paths(proxy) == {*OURS, "/nowhere"}


def address_of(request: str) -> str:
    return request.split(" ")[1]


def paths(proxy: Proxy) -> set[str]:
    """Of the site's addresses, without what follows a question mark. A favicon would be one."""
    ours = [address_of(request) for request in proxy.seen if address_of(request).startswith(f"{proxy.site}/")]
    return {address[len(proxy.site) :].split("?")[0] for address in ours}
