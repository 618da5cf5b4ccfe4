"""The place where things are killed: a whole system with a proxy at two of its doors, a history, and its victims."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ctl.installation import ROOMS, SOURCE, WORKER

from tests.faults.history import History
from tests.faults.proxy import Proxy, TlsRecords, Watch, tcp_proxy, unix_proxy
from tests.faults.psql import Psql
from tests.faults.vault import VaultReader
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System

BROKER: Final = "broker"
DATABASE: Final = "database"
VICTIMS: Final = (SOURCE, WORKER, BROKER, DATABASE)
#: TLS records to source-api that are longer hold `done`: with receipt and source card it has about 8 KiB, the next
#: longest message, an announcement, about 3.
DONE_RECORD_BYTES: Final = 5_000
_POLL_SECONDS: Final = 0.02


class Ground:
    """One system under fire."""

    def __init__(self, directory: Path, postgres: PostgresServer, rabbitmq: RabbitServer) -> None:
        self.postgres, self.rabbitmq = postgres, rabbitmq
        self.system = System(directory, postgres, rabbitmq)
        self.history = History()
        self.vault = VaultReader(self.system)
        self._stop_at_commit = False
        self.has_seen_done = False
        self.worker_to_database = self._database_proxy()
        self.source_to_broker = self._broker_proxy()
        self._session: Psql | None = None
        self.system.start_all()

    def look(self, query: str) -> str:
        """Asks the database, in a session that lives until the database is killed."""
        if self._session is None:
            self._session = self.psql()
        return self._session.ask(query)

    def psql(self) -> Psql:
        return Psql(self.postgres, self.system.database)

    def stop_at_commit(self) -> None:
        """The answer to the worker's next COMMIT is held: committed, and nobody but the database knows."""
        self._stop_at_commit = True

    def kill(self, victim: str) -> None:
        """SIGKILL. Returns when no process of it is left."""
        if victim == BROKER:
            self.rabbitmq.kill()
        elif victim == DATABASE:
            self._forget_session()
            self.postgres.kill()
        else:
            self.system.kill(victim)

    def restart(self, victim: str) -> None:
        """As its supervisor would."""
        if victim == BROKER:
            self.rabbitmq.start()
        elif victim == DATABASE:
            self.postgres.start()
        else:
            self.system.start(victim)

    def close(self) -> None:
        self._forget_session()
        self.source_to_broker.close()
        self.worker_to_database.close()
        self.system.close()

    def _forget_session(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _database_proxy(self) -> Proxy:
        directory = self.system.directory / "hub"
        directory.mkdir()
        socket = self.postgres.socket_dir / f".s.PGSQL.{self.postgres.port}"
        self._lead_astray(WORKER, f'"{self.postgres.socket_dir}"', f'"{directory}"')
        proxy = unix_proxy(directory, socket)
        proxy.on_asked = lambda: self._watch_for_commit(proxy)
        return proxy

    def _watch_for_commit(self, proxy: Proxy) -> Watch:
        def watch(block: bytes) -> None:
            if self._stop_at_commit and b"COMMIT;" in block:
                self._stop_at_commit = False
                proxy.hold()

        return watch

    def _broker_proxy(self) -> Proxy:
        proxy, port = tcp_proxy(self.rabbitmq.port)
        self._lead_astray(SOURCE, f"port = {self.rabbitmq.port}\n", f"port = {port}\n")

        def on_length(length: int) -> None:
            if proxy.is_holding and length >= DONE_RECORD_BYTES:
                self.has_seen_done = True

        proxy.on_told = lambda: TlsRecords(on_length)
        return proxy

    def _lead_astray(self, service: str, honest: str, ours: str) -> None:
        """Changes where a service finds broker or database: in its settings, before it starts."""
        settings = self.system.directory / "installation" / ROOMS[service] / "settings.toml"
        text = settings.read_text()
        assert text.count(honest) == 1, f"{honest!r} in {text}"
        settings.write_text(text.replace(honest, ours))


def wait_for(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    """Fails the test when it takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"waited {seconds} s until {what}"
        time.sleep(_POLL_SECONDS)
