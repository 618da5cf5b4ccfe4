"""The operator's command: key files, and how it says no."""

from pathlib import Path

import pytest
from chassis.settings import read_secret
from ctl.cli import main
from sealing.signing import SigningKey


def test_a_new_key_is_readable_by_its_owner_only_and_shown_as_its_public_half(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "new", str(tmp_path / "keys")]) == 0

    shown = capsys.readouterr().out.strip()
    file = tmp_path / "keys" / "signing.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert SigningKey(read_secret(file)).hex == shown
    assert main(["keys", "show", str(file)]) == 0
    assert capsys.readouterr().out.strip() == shown


def test_a_key_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "new", str(tmp_path)])
    before = (tmp_path / "signing.key").read_bytes()

    assert main(["keys", "new", str(tmp_path)]) == 1
    assert (tmp_path / "signing.key").read_bytes() == before
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["migrat"], ["keys"], ["add-journalist", "ada"]])
def test_a_wrong_command_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage: sealdrop" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [[], ["migrate"], ["sweep"], ["rewrite"], ["add-journalist"], ["keys"], ["keys", "new"]]
)
def test_every_command_explains_itself(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])

    assert ended.value.code == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 120


def test_a_database_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--database", f"postgresql:///sealdrop?host={tmp_path}&user=nobody"]) == 1

    error = capsys.readouterr().err
    assert error.startswith("sealdrop: ")
    assert error.count("\n") == 1


def test_a_directory_without_migrations_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--sql-dir", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err
