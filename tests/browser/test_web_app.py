"""The journalists' page in a browser, as a journalist uses it: log in, download, carry to the station."""

import time
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.chromium import NOT_BUILT_IN, Chromium
from tests.browser.opening import svs_open
from tests.stack.people import JournalistClient, SourceClient, SourceFile, was_received
from tests.stack.system import System

MESSAGE = "This came over the journalists' page."
CONTENT = b"Page nine.\n" * 10_000
STEP_SECONDS = 30


def test_a_journalist_logs_in_and_downloads_what_opens(
    system: System, journalist: JournalistClient, tmp_path: Path
) -> None:
    known = {source["id"] for source in journalist.sources()}
    with SourceClient(system.source_url) as source:
        assert was_received(source.send(MESSAGE, [SourceFile("nine.txt", CONTENT)]))
    [name] = [source["designation"] for source in journalist.sources() if source["id"] not in known]

    with Chromium() as browser, browser.context(scripts=True) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        log_in(page, system)
        page.get_by_role("navigation", name="Sources").get_by_role("button", name=name).click()
        expect(page.get_by_role("article")).to_have_count(2)
        files = [download(page, f"Download {what}item {number}", tmp_path) for what in KINDS for number in (1, 2)]

    said = svs_open(system, files[:2], tmp_path / "opened")
    assert MESSAGE in said
    assert (tmp_path / "opened" / "nine.txt").read_bytes() == CONTENT
    expected = (NOT_BUILT_IN, "status of 401")  # it asks once whether it is logged in
    assert [text for text in complaints if not any(words in text for words in expected)] == []


KINDS = ("", "the receipt of ")


def log_in(page: Page, system: System) -> None:
    """With the next step's code, which counts already: the fixture's client has used this one's."""
    page.goto(system.journalist_url)
    page.get_by_label("Username").fill(system.journalist.username)
    page.get_by_label("Passphrase").fill(system.journalist.passphrase)
    code = pyotp.TOTP(system.journalist.totp_secret).at(int(time.time()) + STEP_SECONDS)
    page.get_by_label("Code from your authenticator").fill(code)
    page.get_by_role("button", name="Log in").click()


def download(page: Page, link: str, directory: Path) -> Path:
    """Under the name the page gives it."""
    with page.expect_download() as started:
        page.get_by_role("link", name=link, exact=True).click()
    path = directory / started.value.suggested_filename
    started.value.save_as(path)
    return path
