"""The monitor's memory on disk."""

import json
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from monitor_agent.chain import Link, Trail
from monitor_agent.store import StateLost, TrailStore

TRAIL = Trail(
    recent=(Link(uuid4(), 4, "ab" * 32), Link(uuid4(), 0, "cd" * 32)),
    past=(uuid4(),),
    minute=29_000_000,
    has_stopped=True,
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    trails = {"source-1": TRAIL, "worker-1": Trail(recent=TRAIL.recent[:1])}

    TrailStore(tmp_path).save(trails)

    assert TrailStore(tmp_path).load() == trails


def test_a_first_start_knows_nothing(tmp_path: Path) -> None:
    assert TrailStore(tmp_path).load() == {}


def test_only_the_owner_may_read_the_file_and_no_other_is_left(tmp_path: Path) -> None:
    TrailStore(tmp_path).save({"source-1": TRAIL})
    TrailStore(tmp_path).save({"source-1": TRAIL})

    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_half_written_new_file_does_not_hurt(tmp_path: Path) -> None:
    store = TrailStore(tmp_path)
    store.save({"source-1": TRAIL})
    (tmp_path / "trails.json.new").write_text('{"v":1,"serv')

    assert store.load() == {"source-1": TRAIL}
    store.save({})
    assert store.load() == {}


@pytest.mark.parametrize(
    "broken",
    ["", "{", "[]", '{"v":2,"services":{}}', '{"v":1}', '{"v":1,"services":{"source-1":{}}}', '{"v":1,"services":[]}'],
)
def test_a_broken_file_is_put_aside_and_told(tmp_path: Path, broken: str) -> None:
    (tmp_path / "trails.json").write_text(broken)

    with pytest.raises(StateLost):
        TrailStore(tmp_path).load()

    assert (tmp_path / "trails.json.broken").read_text() == broken
    assert TrailStore(tmp_path).load() == {}


def test_a_trail_without_a_head_is_broken(tmp_path: Path) -> None:
    trail = {"recent": [], "past": [], "minute": 0, "has_stopped": False}
    (tmp_path / "trails.json").write_text(json.dumps({"v": 1, "services": {"source-1": trail}}))

    with pytest.raises(StateLost):
        TrailStore(tmp_path).load()
