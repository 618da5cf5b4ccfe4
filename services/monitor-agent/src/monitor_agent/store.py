"""What the monitor must not forget when it restarts: where each service's chain stood.

One small file, written whole beside the old one, synced, then renamed over it: after a crash it is the old or the new.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from monitor_agent.chain import Link, Trail

_VERSION: Final = 1


class StateLost(Exception):
    """The file is there but cannot be read. It has been put aside; the monitor begins anew and says so."""


class TrailStore:
    """The file `trails.json` in the state directory. Written from one thread at a time."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "trails.json"

    def load(self) -> dict[str, Trail]:
        """Empty when there is no file yet. Errors: StateLost, after renaming the file to `trails.json.broken`."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        try:
            return _from_json(json.loads(raw))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            self._path.replace(self._path.with_suffix(".json.broken"))
            raise StateLost("trails.json") from error

    def save(self, trails: Mapping[str, Trail]) -> None:
        """Durable when it returns. Errors: OSError."""
        body = json.dumps(_to_json(trails), separators=(",", ":")).encode()
        fresh = self._path.with_suffix(".json.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        sync_directory(self._path.parent)


def sync_directory(directory: Path) -> None:
    """Makes names created or renamed in a directory survive a power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(trails: Mapping[str, Trail]) -> dict[str, object]:
    services = {
        service: {
            "recent": [[str(link.chain), link.number, link.digest] for link in trail.recent],
            "past": [str(chain) for chain in trail.past],
            "minute": trail.minute,
            "has_stopped": trail.has_stopped,
        }
        for service, trail in trails.items()
    }
    return {"v": _VERSION, "services": services}


def _from_json(state: Any) -> dict[str, Trail]:
    if state["v"] != _VERSION:
        raise ValueError("a state of another version")
    return {service: _trail(kept) for service, kept in state["services"].items()}


def _trail(kept: Any) -> Trail:
    recent = tuple(Link(UUID(chain), int(number), str(digest)) for chain, number, digest in kept["recent"])
    if not recent:
        raise ValueError("a trail has a head")
    past = tuple(UUID(chain) for chain in kept["past"])
    return Trail(recent, past, int(kept["minute"]), bool(kept["has_stopped"]))
