"""The operator's command against a real database."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from ctl.cli import main
from ctl.installation import write_secret
from journalist_api.accounts import is_passphrase, open_totp

from tests.stack.postgres import PostgresServer

TOTP_KEY = bytes(range(32))


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[str]:
    """Of a database that `sealdrop migrate` has been run on."""
    name = postgres.empty_database()
    assert main(["migrate", "--database", postgres.dsn("postgres", name)]) == 0
    yield postgres.dsn("sealdrop_admin", name)
    postgres.drop_database(name)


def row_of(address: str, username: str) -> Any:
    async def read() -> Any:
        connection = await asyncpg.connect(address.replace("sealdrop_admin", "sealdrop_journalist"))
        try:
            return await connection.fetchrow("SELECT * FROM sealdrop.journalist_credentials($1)", username)
        finally:
            await connection.close()

    return asyncio.run(read())


def test_a_new_journalist_can_log_in_with_what_was_shown(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_secret(tmp_path / "totp.key", TOTP_KEY)
    command = ["add-journalist", "ada", "--admin", "--totp-key", str(tmp_path / "totp.key"), "--database", address]

    assert main(command) == 0

    shown = {line[:15].strip(): line[15:].strip() for line in capsys.readouterr().out.splitlines()}
    row = row_of(address, "ada")
    assert is_passphrase(row["passphrase_hash"], shown["passphrase"])
    assert open_totp(TOTP_KEY, row["totp_sealed"]) == shown["TOTP secret"]
    assert row["is_admin"] is True
    assert main(command) == 1
    assert "of that name already" in capsys.readouterr().err


def test_migrating_again_and_sweeping_say_what_they_did(
    address: str, postgres: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()

    assert main(["migrate", "--database", address.replace("sealdrop_admin", "postgres")]) == 0
    assert capsys.readouterr().out == "The database was up to date already.\n"
    assert main(["sweep", "--database", address]) == 0
    assert capsys.readouterr().out == "0 cleared\n"


def test_migrating_as_a_service_role_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--database", address]) == 1
    assert "The database refused (42501)" in capsys.readouterr().err
