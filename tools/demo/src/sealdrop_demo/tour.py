"""`make tour`: the demo's whole journey in headless Chromium, one line and one picture a step.

The source's browser runs without JavaScript, as Tor Browser does on "Safest". Any step that does not happen ends the
tour with an error: it is a test as well.
"""

import html
import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sealdrop_demo import alarm, viewing
from sealdrop_demo.observer import alert_lines
from sealdrop_demo.state import State

START_SECONDS = 180
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
SIZE = {"width": 1100, "height": 760}
TERMINAL = """<body style="background:#1c2128;color:#e6edf3;margin:0;padding:28px"><pre style="font:15px/1.5
"DejaVu Sans Mono",monospace;white-space:pre-wrap">@text@</pre>"""
MESSAGE = "The contract is attached. Page nine matters."
FILE_TEXT = b"Between the city and the company it is agreed ...\n" * 400
REPLY = "Thank you. Who signed page nine?"


@dataclass(slots=True)
class Guide:
    """Says a line and takes a picture for each step."""

    pictures: Path
    terminal: Page  #: where a terminal's text is set to be photographed
    number: int = 0

    def show(self, name: str, line: str, page: Page) -> None:
        """The picture's name is `NN-name.png`."""
        self.number += 1
        print(f"{self.number:>3}  {line}", flush=True)
        page.screenshot(path=self.pictures / f"{self.number:02}-{name}.png", timeout=20_000)

    def show_terminal(self, name: str, line: str, text: str) -> None:
        """The same for what a terminal printed."""
        self.terminal.set_content(TERMINAL.replace("@text@", html.escape(text)))
        self.show(name, line, self.terminal)
        print(text, flush=True)


def tour(root: Path, pictures: Path) -> int:
    """0 when every step happened. Works in a state directory of its own beside `root`."""
    pictures.mkdir(parents=True, exist_ok=True)
    state = State(root.parent / ".build" / "tour")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("The tour needs Chromium:  apt-get install chromium")
    with demo(state) as facts, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        terminal = browser.new_context(java_script_enabled=False, viewport=SIZE).new_page()  # type: ignore[arg-type]  # a size is a dict
        walk(browser, state, facts, Guide(pictures, terminal))
        browser.close()
    print("\nThe tour is over: every step happened.")
    return 0


@contextmanager
def demo(state: State) -> Iterator[dict[str, Any]]:
    """A demo of our own, as `make demo` starts it; Ctrl-C at the end."""
    state.root.mkdir(parents=True, exist_ok=True)
    state.facts.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sealdrop_demo", "--dir", str(state.root), "run"]
    with (state.root.parent / "tour.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, process_group=0)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not state.facts.exists():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"The demo did not start; see {state.root.parent / 'tour.log'}.")
            time.sleep(0.2)
        facts = json.loads(state.facts.read_text())
        alarm.wait_until_open(facts["source_url"], START_SECONDS)
        yield facts
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def walk(browser: Browser, state: State, facts: dict[str, Any], guide: Guide) -> None:
    """The storyboard, step by step."""
    source = browser.new_context(java_script_enabled=False, viewport=SIZE)  # type: ignore[arg-type]  # a size is a dict
    page = source.new_page()
    send(page, facts, guide)
    codename = note_codename(page, guide)
    desk = browser.new_context(viewport=SIZE, accept_downloads=True)  # type: ignore[arg-type]  # as above
    inbox = desk.new_page()
    log_in(inbox, facts, guide)
    download(inbox, state, guide)
    open_on_station(state, guide)
    reply(inbox, guide)
    source.close()
    read_reply(browser, facts, codename, guide)
    take_worker_away(browser, state, facts, guide)


def send(page: Page, facts: dict[str, Any], guide: Guide) -> None:
    page.goto(facts["source_url"])
    guide.show("landing", "A source opens the page. No script runs here.", page)
    page.get_by_role("link", name="Send something").first.click(no_wait_after=True)
    page.get_by_label("Message").fill(MESSAGE)
    file = {"name": "contract – signed.txt", "mimeType": "text/plain", "buffer": FILE_TEXT}
    page.get_by_label("Files").set_input_files(file)  # type: ignore[arg-type]  # a FilePayload
    page.get_by_role("main").get_by_role("button", name="Send").click(no_wait_after=True)
    answer = page.frame_locator("iframe.answer")
    expect(answer.get_by_role("heading", name="Received")).to_be_visible(timeout=30_000)
    guide.show("sending", "Message and file are sealed while they arrive; progress shows without script.", page)
    answer.get_by_role("link", name="Continue").click(no_wait_after=True)
    expect(page.get_by_role("heading", name="Your codename")).to_be_visible()


def note_codename(page: Page, guide: Guide) -> str:
    guide.show("received", "Received: stored and receipted. Now the source gets a codename.", page)
    words = page.locator("ol.codename li").all_inner_texts()
    page.get_by_role("button", name="I have written it down").click()
    expect(page.locator("ol.codename")).to_have_count(0)
    return " ".join(words)


def log_in(page: Page, facts: dict[str, Any], guide: Guide) -> None:
    journalist = facts["journalist"]
    page.goto(facts["journalist_url"])
    guide.show("login", "A journalist opens the other address.", page)
    page.get_by_label("Username").fill(journalist["username"])
    page.get_by_label("Passphrase").fill(journalist["passphrase"])
    page.get_by_label("Code from your authenticator").fill(pyotp.TOTP(journalist["totp_secret"]).now())
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation", name="Sources").get_by_role("listitem").get_by_role("button").first.click()
    expect(page.get_by_role("article")).to_have_count(2)


def download(page: Page, state: State, guide: Guide) -> None:
    guide.show("inbox", "The inbox: a designation, a size class, a day. Nothing here can be read.", page)
    for number in (1, 2):
        for name in (f"Download item {number}", f"Download the receipt of item {number}"):
            with page.expect_download() as started:
                page.get_by_role("link", name=name, exact=True).click()
            started.value.save_as(state.downloads / started.value.suggested_filename)
    files = sorted(state.downloads.iterdir())
    listing = "\n".join(f"{file.stat().st_size:>9}  {file.name}" for file in files)
    first = next(file for file in files if file.suffix == ".age").read_bytes()[:120]
    text = f"$ ls\n{listing}\n\n$ head -c 120 {files[0].name}\n{first.decode('ascii', 'replace')}"
    guide.show_terminal("download", "Sealed items and receipts are downloaded, to be carried to the station.", text)


def open_on_station(state: State, guide: Guide) -> None:
    status, text = told(lambda: viewing.open_downloads(state.root, []))
    guide.show_terminal("station", "On the viewing station `svs open` checks the receipts and opens them:", text)
    texts = [file.read_bytes() for file in state.opened.iterdir() if file.is_file()]
    if status != 0 or FILE_TEXT not in texts:
        raise SystemExit("What was opened is not what was sent.")


def reply(page: Page, guide: Guide) -> None:
    page.get_by_label("Reply to").fill(REPLY)
    page.get_by_role("button", name="Seal and send").click()
    expect(page.get_by_text("Stored as item 3.")).to_be_visible(timeout=30_000)
    guide.show("reply", "The journalist replies: sealed in the browser, to the source and to the SVS.", page)


def read_reply(browser: Browser, facts: dict[str, Any], codename: str, guide: Guide) -> None:
    page = browser.new_context(java_script_enabled=False, viewport=SIZE).new_page()  # type: ignore[arg-type]  # as above
    page.goto(f"{facts['source_url']}login")
    page.get_by_label("Codename").fill(codename)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    expect(page.get_by_text(REPLY)).to_be_visible()
    guide.show("read", "Another day, another session: with the codename the source reads the reply.", page)


def take_worker_away(browser: Browser, state: State, facts: dict[str, Any], guide: Guide) -> None:
    status, text = told(lambda: alarm.alarm(state.root))
    guide.show_terminal("alarm", "The worker is taken away:", text)
    if status != 0 or not alert_lines(state):
        raise SystemExit("No alert came, or the page stayed open.")
    page = browser.new_context(java_script_enabled=False, viewport=SIZE).new_page()  # type: ignore[arg-type]  # as above
    page.goto(f"{facts['source_url']}submit")
    guide.show("closed", "Without a worker the page is closed before anything is read.", page)


def told(command: Callable[[], int]) -> tuple[int, str]:
    """Exit status of one of the demo's commands, and what it printed."""
    out = StringIO()
    with redirect_stdout(out):
        status = command()
    return status, out.getvalue()
