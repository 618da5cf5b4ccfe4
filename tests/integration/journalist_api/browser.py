"""Chromium, and the web app as it is built for release."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

REPOSITORY = Path(__file__).parents[3]
SPA = REPOSITORY / "services" / "journalist-api" / "spa"
NODE = REPOSITORY / "deploy" / "build" / "node.sh"


def build(target: Path) -> None:
    """The web app, built from its sources into `target`."""
    command = [str(NODE), "npm", "--prefix", str(SPA), "run", "build", "--", "--outDir", str(target), "--emptyOutDir"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@asynccontextmanager
async def page(url: str, *, width: int = 1100, height: int = 760, scheme: str = "light") -> AsyncIterator[Page]:
    """An empty browser at `url`. Whatever a page breaks of its policy, or says on the console, fails the test."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        options = {"width": width, "height": height}
        context = await browser.new_context(viewport=options, color_scheme=scheme)  # type: ignore[arg-type]  # literals
        opened = await context.new_page()
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text) if _is_complaint(message.text) else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        await opened.goto(url)
        yield opened
        await browser.close()
    assert not complaints, complaints


def _is_complaint(text: str) -> bool:
    """Chromium reports each 401 as an error, and each feature of the Permissions-Policy that it does not have."""
    return "401 (Unauthorized)" not in text and "Permissions-Policy header: Unrecognized feature" not in text
