"""A fresh station for each test."""

from pathlib import Path

import pytest

from tests.integration.svs.room import Room
from tests.integration.svs.samples import PASSPHRASE, WORKER, new_station


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    (tmp_path / "passphrase").chmod(0o600)
    (tmp_path / "downloads").mkdir()
    return Room(new_station(tmp_path / "station"), tmp_path / "downloads", tmp_path / "out")


@pytest.fixture
def pinned(room: Room) -> Room:
    """The same, with the worker's key pinned."""
    (room.station.directory / "workers.json").write_text(f'{{"v": 1, "workers": ["{WORKER.hex}"]}}')
    return room
