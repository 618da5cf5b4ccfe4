"""A private PostgreSQL 15 for one test run: data checksums, fsync on, a fresh migrated database in a few milliseconds.

Ways in: the unix socket and plain TCP let every role in without a password (the directory and the port are ours
alone); TCP with TLS asks for a client certificate whose common name is the role, as a deployment does.
"""

import itertools
import shutil
import signal
import subprocess
from pathlib import Path

from tests.stack import migrations
from tests.stack.authority import TestAuthority
from tests.stack.process import (
    children,
    free_port,
    give_to_server,
    require_tool,
    run,
    server_directory,
    start,
    stop,
    unprivileged,
    wait_until,
    wait_until_gone,
)

TEMPLATE = "sealdrop_template"
SUPERUSER = "postgres"
CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/postgres/postgresql.conf"
ACCESS = """\
local   all all trust
hostssl all all 127.0.0.1/32 cert
hostnossl all all 127.0.0.1/32 trust
"""


class PostgresServer:
    """One running PostgreSQL."""

    host = "127.0.0.1"

    def __init__(self, authority: TestAuthority) -> None:
        self.authority = authority
        self.directory = server_directory("postgres")
        self.data = self.directory / "data"
        self.socket_dir = self.directory
        self.log = self.directory / "postgres.log"
        self.port = free_port()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        initdb = [
            require_tool("initdb"),
            "-D",
            str(self.data),
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        run(unprivileged([*initdb, "-A", "trust", "--data-checksums", "--no-sync"]), self.directory)
        self._write_files()
        self.start()

    @property
    def superuser_dsn(self) -> str:
        return self.dsn(SUPERUSER, "postgres")

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    def dsn(self, role: str, database: str) -> str:
        """A URL over plain loopback TCP. Over the socket: host=socket_dir, port, user, database.

        Without `sslmode=disable` asyncpg would try TLS first, be refused for want of a certificate, and leak a socket.
        """
        return f"postgresql://{role}@{self.host}:{self.port}/{database}?sslmode=disable"

    def client_cert(self, role: str) -> tuple[Path, Path]:
        """Certificate and key file for the TLS way in."""
        return self.authority.client_cert(role)

    def new_database(self) -> str:
        """A fresh, migrated database; answers with its name."""
        if not self._exists(TEMPLATE):
            self.sql(f"CREATE DATABASE {TEMPLATE}")
            migrations.apply(self.dsn(SUPERUSER, TEMPLATE))
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        migrations.apply(self.dsn(SUPERUSER, name))  # who may connect is not copied from a template
        return name

    def empty_database(self) -> str:
        """A fresh database without our schema, for tests of the migrations themselves."""
        name = f"empty_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Runs one statement as superuser; answers with unaligned text."""
        psql = [require_tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.socket_dir)]
        login = ["-p", str(self.port), "-U", SUPERUSER, "-d", database]
        return run([*psql, *login, "-c", statement], self.directory).strip()

    def start(self) -> None:
        """Starts the server on the same data and port; returns when it answers."""
        command = unprivileged([require_tool("postgres"), "-D", self.data, *self._settings()], dies_by="INT")
        self._process = start(command, self.log)
        probe = [require_tool("pg_isready"), "-q", "-h", str(self.socket_dir), "-p", str(self.port)]
        wait_until(lambda: subprocess.run(probe, check=False).returncode == 0, self._process, self.log)

    def kill(self) -> None:
        """A crash: SIGKILL to the postmaster. The rest of its processes end by themselves, and before this returns."""
        assert self._process is not None
        backends = children(self.pid)
        stop(self._process, signal.SIGKILL)
        wait_until_gone(backends)

    def restart(self) -> None:
        """Starts again after `kill`, or stops first (fast shutdown)."""
        assert self._process is not None
        stop(self._process, signal.SIGINT)
        self.start()

    def close(self) -> None:
        if self._process is not None:
            stop(self._process, signal.SIGINT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _exists(self, database: str) -> bool:
        return self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'") == "1"

    def _write_files(self) -> None:
        """The deployment's own configuration; who may come in is a test's."""
        configuration = self.directory / "postgresql.conf"
        shutil.copy(CONFIGURATION, configuration)
        (self.directory / "pg_hba.conf").write_text(ACCESS)
        certificate, key = self.authority.server_cert("postgres", self.directory)
        give_to_server(configuration, self.directory / "pg_hba.conf", certificate, key)

    def _settings(self) -> list[str]:
        here = self.directory
        changed = {
            "config_file": here / "postgresql.conf",
            "hba_file": here / "pg_hba.conf",
            "listen_addresses": self.host,
            "port": self.port,
            "unix_socket_directories": self.socket_dir,
            "ssl_cert_file": here / "postgres.crt",
            "ssl_key_file": here / "postgres.key",
            "ssl_ca_file": here / "ca.crt",
        }
        return [f"-c{name}={value}" for name, value in changed.items()]
