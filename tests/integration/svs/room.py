"""A person at a Viewing Station: runs `svs open` and looks at what is there afterwards."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.integration.svs.samples import SampleStation

TIMEOUT_SECONDS = 60


def run(command: list[str], env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Nobody at the keyboard, no terminal: a question that cannot be answered must be an error, not a wait."""
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=env,
    )


@dataclass(frozen=True)
class Room:
    """A station, a directory of downloads, a directory for what is opened."""

    station: SampleStation
    downloads: Path
    out: Path

    def command(self, *words: str | Path) -> list[str]:
        passphrase = ["--passphrase-file", str(self.station.directory.parent / "passphrase")]
        start = [sys.executable, "-m", "svs", "open", "--dir", str(self.station.directory), *passphrase]
        return [*start, "--out", str(self.out), *map(str, words)]

    def open(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.command(*words))

    @property
    def opened(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []


def refused(room: Room, run: subprocess.CompletedProcess[str], *words: str) -> None:
    """One clear line on stderr, exit code 1, nothing opened, no traceback."""
    assert run.returncode == 1, run.stdout + run.stderr
    assert len(run.stderr.splitlines()) == 1
    for word in words:
        assert word in run.stderr
    assert room.opened == []
