"""The throw-away state directory."""

import os
import stat
from pathlib import Path

import pytest
from chassis.settings import DEMO_MARKER
from sealdrop_demo.state import read_facts, start_afresh, write_facts


def test_a_second_run_starts_afresh(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    first = start_afresh(root)
    (first.opened / "old.txt").write_text("of an earlier run")
    first.process.unlink()

    second = start_afresh(root)

    assert (root / DEMO_MARKER).exists()
    assert list(second.opened.iterdir()) == []


def test_a_directory_of_somebody_else_s_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(SystemExit, match="not a demo's"):
        start_afresh(tmp_path)

    assert (tmp_path / "thesis.txt").exists()


def test_a_running_demo_is_not_disturbed(tmp_path: Path) -> None:
    root = tmp_path / "demo"
    start_afresh(root).process.write_text(str(os.getpid()))

    with pytest.raises(SystemExit, match="already running"):
        start_afresh(root)


def test_facts_are_their_owner_s_only(tmp_path: Path) -> None:
    state = start_afresh(tmp_path / "demo")

    write_facts(state, {"source_url": "http://127.0.0.1:1/"})

    assert stat.S_IMODE(state.facts.stat().st_mode) == 0o600
    assert read_facts(state.root) == {"source_url": "http://127.0.0.1:1/"}


def test_without_a_demo_the_next_step_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make demo"):
        read_facts(tmp_path)
