"""A source at a browser: what the eyes see and the hands do on the pages, in words of the pages."""

from pathlib import Path
from typing import Final

from tests.browser.window import PAGE, PATIENCE_SECONDS, Window, until

STATUS: Final = "status"  #: classes of the form's two frames
ANSWER: Final = "answer"
UPLOAD_SECONDS: Final = 120.0


class Visitor:
    """One visit in one window."""

    def __init__(self, window: Window, url: str) -> None:
        self.window = window
        self.url = url

    def open(self, path: str) -> None:
        self.window.open(f"{self.url}{path}")

    def open_form(self) -> None:
        """From the first page, as a newcomer; until the status frame is ready."""
        self.open("/")
        self.press('main a.button[href="/submit"]')
        self.wait_for_heading("Send something")
        self.wait_for_status("Ready.")

    def send(self, message: str = "", files: list[Path] | None = None) -> None:
        """Fills in the form and presses "Send"."""
        if message:
            self.window.type("#message", message)
        if files:
            self.window.choose("#files", files)
        self.window.click("form.send button")

    def status(self) -> list[str]:
        """All lines of the status frame, the oldest first."""
        return self.window.texts("main p", STATUS)

    def wait_for_status(self, words: str, seconds: float = PATIENCE_SECONDS) -> list[str]:
        """All its lines, once one holds these words."""

        def lines_with_words() -> list[str]:
            lines = self.status()
            return lines if any(words in line for line in lines) else []

        return until(lines_with_words, f"{words!r} in the status frame", seconds)

    def wait_for_answer(self, heading: str, seconds: float = UPLOAD_SECONDS) -> str:
        """The text of the answer frame."""
        self.wait_for_heading(heading, ANSWER, seconds)
        return self.text("main", ANSWER)

    def go_on(self) -> None:
        """ "Continue" in the answer frame leads the whole window on."""
        self.window.click('a.button[href="/sent"]', ANSWER)
        self.wait_for_heading("Received")

    def note_codename(self) -> str:
        """Reads the words, says so, and sees them go."""
        words = self.window.texts("ol.codename li")
        self.press('form[action="/sent"] button')
        until(lambda: "What happens now" in (text := self.text("main")) and "Your codename" not in text, "it goes")
        return " ".join(word.strip() for word in words)

    def log_in(self, codename: str) -> None:
        self.open("/login")
        self.window.type("#codename", codename)
        self.press('form[action="/login"] button')

    def wait_for_fault(self, words: str) -> None:
        """What the page for logging in says is wrong."""
        until(lambda: words in self.text("#fault"), f"{words!r} as what is wrong")

    def replies(self) -> list[str]:
        self.open("/inbox")
        self.wait_for_heading("Replies")
        return self.window.texts("article.reply .text")

    def press(self, selector: str) -> None:
        """A link or a button, as soon as it is there."""
        until(lambda: self.window.texts(selector), f"{selector} to press")
        self.window.click(selector)

    def headings(self, frame: str = PAGE) -> list[str]:
        return self.window.texts("h1", frame)

    def wait_for_heading(self, heading: str, frame: str = PAGE, seconds: float = PATIENCE_SECONDS) -> None:
        until(lambda: self.headings(frame) == [heading], f"the heading {heading!r}", seconds)

    def text(self, selector: str, frame: str = PAGE) -> str:
        return "\n".join(self.window.texts(selector, frame))
