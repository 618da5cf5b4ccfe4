"""Debian's Firefox ESR, driven by Mozilla's own marionette_driver; no geckodriver is needed.

Every window is a process with a new profile: Firefox has no cheaper way to know nothing of what was before.
"""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.browser.window import PAGE, until
from tests.stack.process import accepts, free_port, require_tool, stop

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # one of its own dependencies asks another the old way
    from marionette_driver import By, errors  # type: ignore[import-untyped]  # it ships no types
    from marionette_driver.marionette import Marionette  # type: ignore[import-untyped]  # as above

# Scripts off, and nothing of Firefox's own on the network.
PREFERENCES: Final[Mapping[str, bool | int | str]] = {
    "javascript.enabled": False,
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "app.update.disabledForTesting": True,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
OWN_NETWORK_OFF: Final = {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}  #: else services.settings.server is not heeded
GONE: Final = (
    errors.NoSuchElementException,
    errors.NoSuchFrameException,
    errors.NoSuchWindowException,
    errors.StaleElementException,
    errors.DetachedShadowRootException,
)


class Firefox:
    """`proxy` is "host:port"; then loopback goes through it too."""

    def __init__(self, proxy: str | None = None) -> None:
        self._preferences = {**PREFERENCES, **(_proxy_preferences(proxy) if proxy else {})}

    @contextmanager
    def fresh(self) -> Iterator["FirefoxWindow"]:
        directory = Path(tempfile.mkdtemp(prefix="sealdrop-firefox-"))
        port = free_port()
        process = self._start(directory, port)
        try:
            until(lambda: accepts(port), "Firefox takes commands", 60)
            with _session(port) as marionette:
                yield FirefoxWindow(marionette)
        finally:
            stop(process)
            shutil.rmtree(directory, ignore_errors=True)

    def _start(self, directory: Path, port: int) -> subprocess.Popen[bytes]:
        profile = directory / "profile"
        profile.mkdir()
        lines = [_line(name, value) for name, value in {**self._preferences, "marionette.port": port}.items()]
        (profile / "user.js").write_text("".join(lines))
        program = [require_tool("firefox-esr"), "--marionette", "--headless", "--no-remote", "--profile", str(profile)]
        with (directory / "firefox.log").open("ab") as log:
            return subprocess.Popen(
                [require_tool("setpriv"), "--pdeathsig", "TERM", "--", *program],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(directory), **OWN_NETWORK_OFF},
                cwd=directory,
                process_group=0,
            )


class FirefoxWindow:
    """Commands return at once (page load strategy "none"); whoever looks, looks again."""

    def __init__(self, marionette: Any) -> None:
        self.marionette = marionette

    def open(self, url: str) -> None:
        before = self.marionette.find_element(By.CSS_SELECTOR, ":root")
        self.marionette.navigate(url)
        until(lambda: _is_gone(before) and self.texts("h1"), f"another page after {url}")

    def click(self, selector: str, frame: str = PAGE) -> None:
        with self._inside(frame):
            self.marionette.find_element(By.CSS_SELECTOR, selector).click()

    def type(self, selector: str, text: str) -> None:
        self.marionette.find_element(By.CSS_SELECTOR, selector).send_keys(text)

    def choose(self, selector: str, files: list[Path]) -> None:
        field = self.marionette.find_element(By.CSS_SELECTOR, selector)
        for file in files:
            field.send_keys(str(file))  # a field that takes several adds to what was chosen

    def texts(self, selector: str, frame: str = PAGE) -> list[str]:
        try:
            with self._inside(frame):
                return [element.text for element in self.marionette.find_elements(By.CSS_SELECTOR, selector)]
        except GONE:
            return []  # between two pages

    @contextmanager
    def _inside(self, frame: str) -> Iterator[None]:
        if not frame:
            yield
            return
        self.marionette.switch_to_frame(self.marionette.find_element(By.CSS_SELECTOR, f"iframe.{frame}"))
        try:
            yield
        finally:
            self.marionette.switch_to_default_content()


def _is_gone(element: Any) -> bool:
    try:
        return not element.tag_name
    except GONE:
        return True


@contextmanager
def _session(port: int) -> Iterator[Any]:
    """A driver that knows no process: ending Firefox is ours."""
    marionette = Marionette(port=port)
    marionette.start_session({"pageLoadStrategy": "none"})
    # Tall: a click inside a frame does not scroll the page around it.
    marionette.set_window_rect(width=1000, height=1800)
    try:
        yield marionette
    finally:
        marionette.delete_session()
        marionette.cleanup()


def _proxy_preferences(proxy: str) -> dict[str, bool | int | str]:
    host, port = proxy.rsplit(":", 1)
    return {
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": int(port),
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": int(port),
        "network.proxy.no_proxies_on": "",
        "network.proxy.allow_hijacking_localhost": True,
    }


def _line(name: str, value: bool | int | str) -> str:
    shown = f'"{value}"' if isinstance(value, str) else str(value).lower()
    return f'user_pref("{name}", {shown});\n'
