"""Files appear whole or not at all, for the owner only, and never over another."""

import os
import secrets
import stat
from pathlib import Path

import pytest
from svs.files import keep, partial_file, replace, write_new


def test_a_new_file_is_for_the_owner_only(tmp_path: Path) -> None:
    write_new(tmp_path / "key", b"secret")

    assert (tmp_path / "key").read_bytes() == b"secret"
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "key"]


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"old")

    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"new")

    assert (tmp_path / "key").read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "key"]


def test_a_new_file_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "key").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(FileExistsError):
        write_new(tmp_path / "key", b"new")

    assert not (tmp_path / "elsewhere").exists()


def test_replace_puts_the_new_file_over_the_old(tmp_path: Path) -> None:
    replace(tmp_path / "pins", b"one")
    replace(tmp_path / "pins", b"two")

    assert (tmp_path / "pins").read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [tmp_path / "pins"]


def test_a_partial_file_is_private_and_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), partial_file(tmp_path) as partial:
        partial.file.write(b"half")
        assert partial.path.suffix == ".partial"
        assert stat.S_IMODE(partial.path.stat().st_mode) == 0o600
        raise KeyboardInterrupt

    assert list(tmp_path.iterdir()) == []


def test_a_partial_file_is_never_one_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "same")
    (tmp_path / "same.partial").write_bytes(b"somebody's")

    with pytest.raises(FileExistsError), partial_file(tmp_path):
        pass

    assert (tmp_path / "same.partial").read_bytes() == b"somebody's"


@pytest.mark.parametrize("has_links", [True, False])
def test_names_that_are_taken_get_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool) -> None:
    if not has_links:
        monkeypatch.setattr(os, "link", _no_link)  # as on VFAT, which most transfer sticks carry
    kept = []
    for content in (b"1", b"2", b"3"):
        with partial_file(tmp_path) as partial:
            partial.file.write(content)
            kept.append(keep(partial, "a.txt"))

    assert [path.name for path in kept] == ["a.txt", "a (2).txt", "a (3).txt"]
    assert [path.read_bytes() for path in kept] == [b"1", b"2", b"3"]
    assert sorted(tmp_path.iterdir()) == sorted(kept)


def _no_link(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")
