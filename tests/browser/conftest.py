"""One system for all browser tests, its journalist, and each of the two browsers."""

import random
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from ctl.installation import ROOMS, SOURCE

from tests.browser.chromium import Chromium
from tests.browser.firefox import Firefox
from tests.browser.visitor import Visitor
from tests.browser.window import Browser
from tests.stack.people import JournalistClient
from tests.stack.postgres import PostgresServer
from tests.stack.process import run
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 310_000_000  #: a request: above the large file, so that what is over the limit needs not be much larger
LARGE_BYTES = 300_000_000
BLOCK_BYTES = 1024 * 1024


@pytest.fixture(scope="session")
def web_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The journalists' page, built."""
    built = tmp_path_factory.mktemp("web-app")
    npm = [str(ROOT / "deploy/build/node.sh"), "npm", "--prefix", str(ROOT / "services/journalist-api/spa")]
    run([*npm, "run", "build", "--", "--outDir", str(built), "--emptyOutDir"], built)
    return built


@pytest.fixture(scope="session")
def system(postgres: PostgresServer, rabbitmq: RabbitServer, web_app: Path) -> Iterator[System]:
    """All four services, up and open."""
    made = System(Path(tempfile.mkdtemp(prefix="sealdrop-browser-")), postgres, rabbitmq, web_app)
    settings = made.directory / "installation" / ROOMS[SOURCE] / "settings.toml"
    settings.write_text(f"max_request_bytes = {MOST_BYTES}\n" + settings.read_text())
    try:
        yield made.start_all()
    finally:
        made.close()


@pytest.fixture(scope="session")
def journalist(system: System) -> Iterator[JournalistClient]:
    """Logged in once: a one-time code serves once."""
    with JournalistClient(system) as client:
        yield client.log_in()


@pytest.fixture(scope="module", params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, system: System) -> Iterator[Browser]:
    """Asks for the system, because Playwright's event loop must begin after asyncio's have ended."""
    with Chromium() if request.param == "chromium" else nullcontext(Firefox()) as made:
        yield made


@pytest.fixture
def visitor(browser: Browser, system: System) -> Iterator[Visitor]:
    """A source in a new window."""
    with browser.fresh() as window:
        yield Visitor(window, system.source_url)


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 MB: every MiB begins with its number and 4 KiB of noise, the rest are zeros that take no room on the disk."""
    path = tmp_path_factory.mktemp("large") / "Überweisung – копия.bin"
    noise = random.Random(300)
    with path.open("wb") as file:
        for number in range(LARGE_BYTES // BLOCK_BYTES):
            file.seek(number * BLOCK_BYTES)
            file.write(b"block %06d" % number + noise.randbytes(4096))
        file.truncate(LARGE_BYTES)
    return path
