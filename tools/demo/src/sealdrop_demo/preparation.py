"""Before the curtain: keys, database, journalist, web app. Each step says its name while it works."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from ctl.installation import JOURNALIST, MONITOR, ROOMS, SOURCE, WORKER, Installation, Places, Plan
from ctl.journalists import NewJournalist, add_journalist, draw_journalist
from ctl.migrate import migrate
from svs.keygen import make_station
from svs.station import KEYSET, Station

from sealdrop_demo.screen import Screen
from sealdrop_demo.state import State

NEWSROOM = "The Demo Courier"
USERNAME = "demo"
GENERATION = 1
DATABASE = "sealdrop"
STATION_LOG_N = 14  # scrypt: a throw-away key under a passphrase that lies beside it


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """Everything the stage and the screen need. `svs_passphrase` opens the viewing station's identity."""

    installation: Path
    source_port: int
    journalist_port: int
    pins: dict[str, object]
    worker_key: str
    svs_passphrase: str

    @property
    def source_url(self) -> str:
        return f"http://127.0.0.1:{self.source_port}/"

    @property
    def journalist_url(self) -> str:
        return f"http://localhost:{self.journalist_port}/"


@contextmanager
def step(screen: Screen, title: str) -> Iterator[None]:
    """One line of progress."""
    screen.working(title)
    yield
    screen.worked(title)


def install(state: State, spa: Path) -> Prepared:
    """Keys on the viewing station, then an installation that knows their public halves."""
    passphrase = secrets.token_hex(16)
    station = make_station(state.svs, NEWSROOM, GENERATION, passphrase, log_n=STATION_LOG_N)
    source_port, journalist_port = free_port(8400), free_port(8500)
    directory = state.root / "installation"
    seen = {name: str(directory / room) for name, room in ROOMS.items()}
    places = Places(
        settings=seen,
        state={WORKER: str(state.worker), MONITOR: str(state.alerts)},
        listen={SOURCE: f"127.0.0.1:{source_port}", JOURNALIST: f"127.0.0.1:{journalist_port}"},
        spa=str(spa),
        tls=False,
    )
    deployment = f"demo-{secrets.token_hex(8)}"
    plan = Plan(directory, state.svs / KEYSET, station.root_public, NEWSROOM, deployment, places, demo=True)
    installation = Installation(plan)
    installation.write()
    Station(state.svs).pin_worker(installation.worker_key)
    pins = installation.pins(GENERATION)
    return Prepared(directory, source_port, journalist_port, pins, installation.worker_key, passphrase)


async def prepare_database(sockets: Path, installation: Path) -> NewJournalist:
    """Schema, roles, and one journalist."""
    maintenance = await asyncpg.connect(host=str(sockets), user="postgres", database="postgres")
    await maintenance.execute(f"CREATE DATABASE {DATABASE}")
    await maintenance.close()
    connection = await asyncpg.connect(host=str(sockets), user="postgres", database=DATABASE)
    try:
        await migrate(connection)
        journalist = draw_journalist(USERNAME)
        totp_key = bytes.fromhex((installation / ROOMS[JOURNALIST] / "totp.key").read_text())
        await add_journalist(connection, journalist, totp_key)
    finally:
        await connection.close()
    return journalist


def free_port(preferred: int) -> int:
    """The preferred port of loopback if it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("No free port on this machine's loopback address.")
