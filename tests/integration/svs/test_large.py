"""A file of 500 MB: in little memory, and nothing left when somebody stops it in the middle."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.integration.svs.room import TIMEOUT_SECONDS, Room
from tests.integration.svs.samples import PASSPHRASE, new_station, seal_stream

CONTENT_BYTES = 500_000_000
BLOCK = bytes(range(256)) * 4096
MOST_RSS_KIB = 64 * 1024


def content() -> Iterator[bytes]:
    """500 MB that do not repeat at any chunk's length."""
    left = CONTENT_BYTES
    while left:
        piece = BLOCK[: min(left, len(BLOCK) - 1)]
        yield piece
        left -= len(piece)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    here = tmp_path_factory.mktemp("large")
    station = new_station(here / "station")
    (here / "passphrase").write_text(PASSPHRASE)
    (here / "passphrase").chmod(0o600)
    (here / "downloads").mkdir()
    seal_stream(station.recipient, content(), here / "downloads" / "item.age", name="big.bin")
    yield Room(station, here / "downloads", here / "out")
    shutil.rmtree(here)


def start(room: Room) -> subprocess.Popen[bytes]:
    command = room.command("--unverified", room.downloads / "item.age")
    # A test run in a shell's background ignores Ctrl-C, and so would everything it starts.
    typed = ["env", "--default-signal=INT", *command]
    return subprocess.Popen(typed, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_for_partial(room: Room, running: subprocess.Popen[bytes]) -> None:
    """Returns with the process stopped: it runs in short steps, so that it cannot finish while nobody looks."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        running.send_signal(signal.SIGSTOP)
        if any(name.endswith(".partial") for name in room.opened):
            return
        assert running.poll() is None
        assert time.monotonic() < deadline
        running.send_signal(signal.SIGCONT)
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_leaves_nothing(room: Room, number: signal.Signals) -> None:
    running = start(room)
    try:
        wait_for_partial(room, running)
        running.send_signal(number)
        running.send_signal(signal.SIGCONT)
        _, errors = running.communicate(timeout=TIMEOUT_SECONDS)
    finally:
        running.kill()

    assert running.returncode in (130, 143)
    assert b"Traceback" not in errors
    assert room.opened == []


def test_500_mb_are_opened_in_less_than_64_mib(room: Room) -> None:
    """The peak counts from where decryption begins: unlocking the identity is scrypt's own matter (256 MiB)."""
    running = start(room)
    peak = 0
    try:
        wait_for_partial(room, running)
        Path(f"/proc/{running.pid}/clear_refs").write_text("5")
        running.send_signal(signal.SIGCONT)
        while running.poll() is None:
            peak = max(peak, peak_rss_kib(running.pid))
            time.sleep(0.02)
    finally:
        running.kill()
        running.communicate()

    assert running.returncode == 0
    assert 0 < peak < MOST_RSS_KIB
    assert room.opened == ["big.bin"]
    assert digest(room.out / "big.bin") == digest_of_content()


def peak_rss_kib(pid: int) -> int:
    """The highest memory the process has used since `clear_refs`; 0 when it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(len(BLOCK)):
            found.update(block)
    return found.hexdigest()


def digest_of_content() -> str:
    expected = sha256()
    for piece in content():
        expected.update(piece)
    return expected.hexdigest()
