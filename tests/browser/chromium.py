"""Debian's Chromium, driven by Playwright over the browser's own debugging pipe."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from playwright.sync_api import BrowserContext, Error, Locator, Page, sync_playwright

from tests.browser.window import PAGE
from tests.stack.process import require_tool

FLAGS: Final = (
    "--no-sandbox",  # the tests' machine may give root, or no user namespaces
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
)
WAIT_MS: Final = 30_000
NOT_BUILT_IN: Final = "Permissions-Policy header: Unrecognized feature"  #: on this system; elsewhere it must be off


class Chromium:
    """As long as a `with` lasts: Playwright's event loop would be in the way of asyncio's elsewhere."""

    def __init__(self, proxy: str | None = None) -> None:
        self._proxy = proxy

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        arguments = [*FLAGS]
        if self._proxy:
            arguments += [f"--proxy-server={self._proxy}", "--proxy-bypass-list=<-loopback>"]  # loopback too
        path = require_tool("chromium")
        self._browser = self._playwright.chromium.launch(executable_path=path, args=arguments)
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()

    @contextmanager
    def fresh(self) -> Iterator["ChromiumWindow"]:
        with self.context(scripts=False) as context:
            yield ChromiumWindow(context.new_page())

    @contextmanager
    def context(self, *, scripts: bool) -> Iterator[BrowserContext]:
        """For what only Playwright can: downloads, a page that needs scripts."""
        context = self._browser.new_context(java_script_enabled=scripts, accept_downloads=True)
        context.set_default_timeout(WAIT_MS)
        try:
            yield context
        finally:
            context.close()


class ChromiumWindow:
    """Also keeps what its pages asked for, and what the console said of them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requested: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))

    def open(self, url: str) -> None:
        self.page.goto(url, wait_until="domcontentloaded")

    def click(self, selector: str, frame: str = PAGE) -> None:
        self._locator(selector, frame).click(no_wait_after=True)

    def type(self, selector: str, text: str) -> None:
        self.page.locator(selector).fill(text)

    def choose(self, selector: str, files: list[Path]) -> None:
        self.page.locator(selector).set_input_files(files)

    def texts(self, selector: str, frame: str = PAGE) -> list[str]:
        try:
            return self._locator(selector, frame).all_inner_texts()
        except Error:
            return []  # between two pages

    def _locator(self, selector: str, frame: str) -> Locator:
        return self.page.frame_locator(f"iframe.{frame}").locator(selector) if frame else self.page.locator(selector)
