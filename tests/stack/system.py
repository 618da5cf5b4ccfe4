"""The whole of Sealdrop as processes of their own, on the run's PostgreSQL and RabbitMQ: as deployed, without Tor.

An installation is made by the operator's own code; only where broker and database are is a test's matter.
"""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pyotp
from ctl.installation import JOURNALIST, MONITOR, ROLES, ROOMS, SOURCE, WORKER, Installation, Places, Plan
from ctl.journalists import NewJournalist, add_journalist, draw_journalist
from ctl.toml import to_toml
from svs.keygen import make_station
from svs.station import KEYSET, Station

from tests.stack.postgres import SUPERUSER, PostgresServer
from tests.stack.process import accepts, free_port, require_tool, stop, wait_until
from tests.stack.rabbitmq import RabbitServer

MODULES: Final = {
    SOURCE: "source_api",
    JOURNALIST: "journalist_api",
    WORKER: "crypto_worker",
    MONITOR: "monitor_agent",
}
READY_SECONDS: Final = 30.0
NEWSROOM: Final = "The Test Courier"


class System:
    """Four services. `start` and `kill` take the names of ctl.installation: SOURCE, JOURNALIST, WORKER, MONITOR."""

    def __init__(
        self,
        directory: Path,
        postgres: PostgresServer,
        rabbitmq: RabbitServer,
        web_app: Path | None = None,
        *,
        settings: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """`settings`: by service, what differs from an installation's defaults."""
        self.directory = directory
        self._other_settings = settings or {}
        self.postgres = postgres
        self.rabbitmq = rabbitmq
        self.database = postgres.new_database()
        self.svs_dir = directory / "svs"
        self.svs_passphrase = secrets.token_hex(16)
        self.source_port, self.journalist_port = free_port(), free_port()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._install(web_app)
        self.journalist = asyncio.run(self._enrol())

    @property
    def source_url(self) -> str:
        return f"http://127.0.0.1:{self.source_port}"

    @property
    def journalist_url(self) -> str:
        return f"http://localhost:{self.journalist_port}"

    def one_time_code(self) -> str:
        """The journalist's code of this moment; each can be used once."""
        return pyotp.TOTP(self.journalist.totp_secret).now()

    def pid(self, name: str) -> int:
        return self._processes[name].pid

    def log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def start_all(self) -> "System":
        """All four, until a source could send and a journalist log in."""
        for name in (MONITOR, WORKER, JOURNALIST, SOURCE):
            self.start(name)
        self.wait_until_open()
        wait_until(lambda: accepts(self.journalist_port), self._processes[JOURNALIST], self.log(JOURNALIST))
        return self

    def start(self, name: str) -> None:
        """Starts one service; its log is appended to."""
        settings = self.directory / "installation" / ROOMS[name] / "settings.toml"
        command = [require_tool("setpriv"), "--pdeathsig", "TERM", "--", sys.executable, "-m", MODULES[name]]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": "/nonexistent", "HOME": "/nonexistent"}
        with self.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [*command, "--config", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd=self.directory,
                process_group=0,
            )

    def kill(self, name: str) -> None:
        """A crash."""
        stop(self._processes[name], signal.SIGKILL)

    def is_open(self) -> bool:
        """True when the source pages take submissions."""
        try:
            with urllib.request.urlopen(f"{self.source_url}/submit", timeout=5) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as answer:
            answer.close()
            return False
        except OSError:
            return False

    def wait_until_open(self, seconds: float = READY_SECONDS) -> None:
        """Fails with the ends of the logs when the pages do not open in time."""
        deadline = time.monotonic() + seconds
        while not self.is_open():
            assert time.monotonic() < deadline, f"not open after {seconds} s\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        """The end of every service's log."""
        return "\n".join(
            f"--- {name}\n{self.log(name).read_text('utf-8', 'replace')[-2000:]}" for name in self._processes
        )

    def sql(self, statement: str) -> str:
        """As superuser, in this system's database."""
        return self.postgres.sql(statement, self.database)

    def close(self) -> None:
        """Ends every service and removes what they wrote."""
        for process in self._processes.values():
            stop(process)
        self.postgres.drop_database(self.database)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _install(self, web_app: Path | None) -> None:
        station = make_station(self.svs_dir, NEWSROOM, 1, self.svs_passphrase, log_n=12)
        spa = self.directory / "spa"
        base = self.directory / "installation"
        places = Places(
            settings={name: str(base / room) for name, room in ROOMS.items()},
            state={WORKER: str(self.directory / "worker"), MONITOR: str(self.directory / "monitor")},
            listen={SOURCE: f"127.0.0.1:{self.source_port}", JOURNALIST: f"127.0.0.1:{self.journalist_port}"},
            spa=str(spa),
            tls=False,
        )
        for state in places.state.values():
            Path(state).mkdir(mode=0o700)
        installation = Installation(
            Plan(base, self.svs_dir / KEYSET, station.root_public, NEWSROOM, f"test-{secrets.token_hex(4)}", places)
        )
        installation.write()
        Station(self.svs_dir).pin_worker(installation.worker_key)
        self.worker_key = installation.worker_key
        self._place_web_app(spa, web_app, installation.pins(1))
        for name in ROOMS:
            self._append_connections(name)

    def _place_web_app(self, spa: Path, web_app: Path | None, pins: dict[str, object]) -> None:
        if web_app is None:
            spa.mkdir()
            (spa / "index.html").write_text("<!doctype html><title>no web app in this test</title>")
        else:
            shutil.copytree(web_app, spa)
        (spa / "pins.json").write_text(json.dumps(pins))

    def _append_connections(self, name: str) -> None:
        certificate, key = self.rabbitmq.client_cert(name)
        broker = {
            "host": self.rabbitmq.host,
            "port": self.rabbitmq.port,
            "ca_file": str(self.rabbitmq.ca_file),
            "cert_file": str(certificate),
            "key_file": str(key),
        }
        tables: dict[str, object] = {"broker": broker}
        if name in ROLES:
            tables["database"] = {
                "socket_dir": str(self.postgres.socket_dir),
                "port": self.postgres.port,
                "user": ROLES[name],
                "database": self.database,
            }
        settings = self.directory / "installation" / ROOMS[name] / "settings.toml"
        own = {"lanes": self.rabbitmq.topology.lanes} if name == WORKER else {}
        first = to_toml({**own, **self._other_settings.get(name, {})})
        settings.write_text("\n".join((first, settings.read_text(), to_toml(tables))))

    async def _enrol(self) -> NewJournalist:
        journalist = draw_journalist("tester")
        totp_key = bytes.fromhex((self.directory / "installation" / "journalist-api" / "totp.key").read_text())
        connection = await asyncpg.connect(self.postgres.dsn(SUPERUSER, self.database))
        try:
            await add_journalist(connection, journalist, totp_key)
        finally:
            await connection.close()
        return journalist


def resident_kib(pid: int) -> int:
    """Peak resident memory of a process so far, KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1])


def cpu_seconds(pid: int, *, with_ended_children: bool = False) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    counted = fields[11:15] if with_ended_children else fields[11:13]
    return sum(map(int, counted)) / os.sysconf("SC_CLK_TCK")
