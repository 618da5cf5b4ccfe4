"""The demo's throw-away state directory: where things lie, and the file a newcomer's tools read."""

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from chassis.settings import DEMO_MARKER


@dataclass(frozen=True, slots=True)
class State:
    """Paths below one directory. Sockets live apart: their paths must be short."""

    root: Path

    @property
    def facts(self) -> Path:
        return self.root / "demo.json"

    @property
    def svs(self) -> Path:
        return self.root / "svs"

    @property
    def database(self) -> Path:
        return self.root / "database"

    @property
    def downloads(self) -> Path:
        return self.root / "downloads"

    @property
    def opened(self) -> Path:
        """What `make demo-svs` opened."""
        return self.root / "opened"

    @property
    def alerts(self) -> Path:
        return self.root / "monitor"

    @property
    def worker(self) -> Path:
        return self.root / "worker"

    @property
    def stop_worker(self) -> Path:
        """Exists when somebody asked for the worker to be stopped."""
        return self.root / "stop-worker"

    @property
    def process(self) -> Path:
        return self.root / "process-id"


def is_running(state: State) -> bool:
    """True while the demo that wrote the process id lives."""
    try:
        os.kill(int(state.process.read_text()), 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def start_afresh(root: Path) -> State:
    """An empty state directory. Errors: SystemExit when a demo is running or the directory is not a demo's."""
    state = State(root)
    if is_running(state):
        raise SystemExit("A demo is already running here. Stop it with Ctrl-C in its terminal first.")
    if root.exists() and any(root.iterdir()) and not (root / DEMO_MARKER).exists():
        raise SystemExit(f"{root} is not empty and not a demo's: please choose another directory.")
    for entry in root.iterdir() if root.exists() else ():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for directory in (root, state.svs, state.downloads, state.opened, state.alerts, state.worker):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    (root / DEMO_MARKER).touch()
    state.process.write_text(str(os.getpid()))
    return state


def write_facts(state: State, facts: dict[str, object]) -> None:
    """What the demo printed, for tools: `demo.json`, readable by its owner only."""
    descriptor = os.open(state.facts, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(facts, file, indent=2)
        file.write("\n")


def read_facts(root: Path) -> dict[str, object]:
    """Errors: SystemExit when no demo has been started here."""
    try:
        facts = json.loads(State(root).facts.read_text())
    except FileNotFoundError:
        raise SystemExit("No demo here yet: run `make demo` in another terminal first.") from None
    assert isinstance(facts, dict)
    return facts


def short_directory() -> Path:
    """A fresh directory whose path is short enough for unix sockets."""
    return Path(tempfile.mkdtemp(prefix="sd-"))
