"""deploy/postgres/postgresql.conf and pg_hba.conf on a real server: who gets in, and what the log does not say."""

import os
import shutil
import signal
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from ctl.migrate import SQL_DIR, migrate

from tests.integration.postgres.uploads import Connection
from tests.stack.authority import TestAuthority
from tests.stack.process import (
    free_port,
    give_to_server,
    require_tool,
    run,
    server_directory,
    start,
    stop,
    unprivileged,
    wait_until,
)

MARK = "c0ffee0ddba11"  #: goes into what is asked for; must not come out in the log


@dataclass
class ConfiguredServer:
    """A server under our own configuration. Its superuser is named after the user it runs as, for `peer`."""

    directory: Path
    port: int
    authority: TestAuthority

    async def connect(self, role: str, certificate_of: str | None = None, database: str = "sealdrop") -> Connection:
        """Over TLS, as `role`, with the client certificate of `certificate_of` if given."""
        context = ssl.create_default_context(cafile=str(self.authority.ca_file))
        if certificate_of is not None:
            context.load_cert_chain(*self.authority.client_cert(certificate_of))
        where = {"host": "localhost", "port": self.port, "database": database}
        return await asyncpg.connect(user=role, ssl=context, **where)

    @property
    def log(self) -> str:
        return (self.directory / "log").read_text()


@pytest.fixture(scope="module")
def server(authority: TestAuthority) -> Iterator[ConfiguredServer]:
    """Made with the files as they are; only paths, port and the way in for the test's own superuser differ."""
    made = ConfiguredServer(server_directory("pgconf"), free_port(), authority)
    directory, data = made.directory, made.directory / "data"
    initdb = [require_tool("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "--data-checksums", "--no-sync"]
    run(unprivileged([str(word) for word in [*initdb, "--locale=C.UTF-8", "--encoding=UTF8"]]), directory)
    shutil.copy(SQL_DIR / "postgresql.conf", directory)
    access = (SQL_DIR / "pg_hba.conf").read_text().replace("postgres                  peer", "postgres trust")
    (directory / "pg_hba.conf").write_text(access)
    certificate, key = authority.server_cert("postgres", directory)
    give_to_server(certificate, key, directory / "postgresql.conf", directory / "pg_hba.conf")
    files = {"config_file": "postgresql.conf", "hba_file": "pg_hba.conf", "ssl_ca_file": "ca.crt"}
    files |= {"ssl_cert_file": "postgres.crt", "ssl_key_file": "postgres.key"}
    options = [f"-c{name}={directory / file}" for name, file in files.items()]
    options += [f"-cport={made.port}", f"-cunix_socket_directories={directory}", "-D", str(data)]
    process = start(unprivileged([require_tool("postgres"), *options], dies_by="INT"), directory / "log")
    probe = [require_tool("pg_isready"), "-q", "-h", str(directory), "-p", str(made.port)]
    wait_until(lambda: subprocess.run(probe, check=False).returncode == 0, process, directory / "log")
    yield made
    stop(process, signal.SIGINT)
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def superuser(server: ConfiguredServer) -> AsyncIterator[Connection]:
    """Over the unix socket; the database is there and migrated."""
    where = {"host": str(server.directory), "port": server.port, "user": "postgres"}
    first = await asyncpg.connect(database="postgres", **where)
    if not await first.fetchval("SELECT count(*) FROM pg_database WHERE datname = 'sealdrop'"):
        await first.execute("CREATE DATABASE sealdrop")
    await first.close()
    connection = await asyncpg.connect(database="sealdrop", **where)
    await migrate(connection)
    yield connection
    await connection.close()


async def test_a_role_comes_in_with_its_own_certificate_over_tls_1_3(
    server: ConfiguredServer, superuser: Connection
) -> None:
    for role in ("sealdrop_source", "sealdrop_journalist", "sealdrop_worker", "sealdrop_admin"):
        connection = await server.connect(role, certificate_of=role)
        assert await connection.fetchval("SELECT current_user") == role
        version = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert await connection.fetchval(version) == "TLSv1.3"
        await connection.close()


@pytest.mark.parametrize(
    ("role", "certificate_of", "database"),
    [
        ("sealdrop_source", "sealdrop_worker", "sealdrop"),
        ("sealdrop_source", None, "sealdrop"),
        ("sealdrop_source", "sealdrop_source", "postgres"),
        ("sealdrop_owner", "sealdrop_owner", "sealdrop"),
        ("postgres", "postgres", "sealdrop"),
    ],
)
@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")  # asyncpg's socket
async def test_nobody_else_comes_in(
    server: ConfiguredServer, superuser: Connection, role: str, certificate_of: str | None, database: str
) -> None:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await server.connect(role, certificate_of, database)


@pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning")  # asyncpg's socket
async def test_nobody_comes_in_without_tls_or_by_the_socket(server: ConfiguredServer, superuser: Connection) -> None:
    for host in ("localhost", str(server.directory)):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            where = {"host": host, "port": server.port, "database": "sealdrop"}
            await asyncpg.connect(user="sealdrop_source", ssl=False, **where)


async def test_every_line_of_the_configuration_is_understood(superuser: Connection) -> None:
    for view in ("pg_file_settings", "pg_hba_file_rules"):
        assert (
            await superuser.fetch(
                f"SELECT * FROM {view} WHERE error IS NOT NULL AND error <> 'setting could not be applied'"
            )
            == []
        )
    assert await superuser.fetchval("SHOW data_checksums") == "on"
    assert await superuser.fetchval("SHOW synchronous_commit") == "on"


async def test_the_log_says_nothing_of_statements_parameters_or_times(
    server: ConfiguredServer, superuser: Connection
) -> None:
    connection = await server.connect("sealdrop_source", certificate_of="sealdrop_source")
    for statement in (f"SELECT '{MARK}'", f"SELECT '{MARK}'::uuid", f"SELECT {MARK}", f"SELECT * FROM sealdrop.{MARK}"):
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            assert MARK in str(error)
    await connection.fetchval("SELECT sealdrop.source_delete_reply($1, gen_random_uuid())", MARK.encode())
    with pytest.raises(asyncpg.UniqueViolationError):
        await superuser.execute(f"INSERT INTO sealdrop.migration VALUES ('{MARK}', ''), ('{MARK}', '')")
    await connection.close()

    assert "ready to accept connections" in server.log
    assert MARK not in server.log
    assert "ERROR" not in server.log
    assert str(os.getpid()) not in server.log.split()
    assert not any(word.startswith("20") and word.count(":") == 2 for word in server.log.split())
