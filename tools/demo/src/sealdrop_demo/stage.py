"""All four services in one process, on a bus in memory and a database of their own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import crypto_worker.app
import crypto_worker.settings
import journalist_api.app
import journalist_api.settings
import monitor_agent.app
import monitor_agent.settings
import source_api.app
import source_api.settings
from chassis.bus import Bus
from chassis.inprocess import InProcessBroker
from chassis.postgres import Database, DatabaseSettings
from chassis.queries import Queries
from chassis.settings import load
from contract.topology import AUDIT_VHOST, HANDOVER_VHOST, Topology
from ctl.installation import JOURNALIST, MONITOR, ROLES, ROOMS, SOURCE, WORKER


@dataclass(slots=True)
class Stage:
    """What runs, and the switch the alarm pulls."""

    tasks: dict[str, asyncio.Task[None]]
    stop_worker: asyncio.Event
    stop: asyncio.Event

    def failure(self) -> str | None:
        """Which service ended by an error, and by which, if one did."""
        for name, task in self.tasks.items():
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return f"{name} stopped by an error: {error!r}"
        return None


@asynccontextmanager
async def playing(installation: Path, sockets: Path) -> AsyncIterator[Stage]:
    """The four services, from an installation's settings files; stopped and awaited at the end."""
    broker = InProcessBroker(Topology())
    stage = Stage({}, asyncio.Event(), asyncio.Event())
    async with AsyncExitStack() as stack:
        databases = {name: await _connect(stack, sockets, name) for name in ROLES}
        for name, room in ROOMS.items():
            play = _service(name, installation / room / "settings.toml", broker, databases.get(name), stage)
            stage.tasks[name] = asyncio.create_task(play, name=name)
        try:
            yield stage
        finally:
            stage.stop.set()
            stage.stop_worker.set()
            await asyncio.wait(stage.tasks.values(), timeout=10)


async def _connect(stack: AsyncExitStack, sockets: Path, name: str) -> Database:
    settings = DatabaseSettings(user=ROLES[name], database="sealdrop", socket_dir=sockets)
    package = {SOURCE: "source_api", JOURNALIST: "journalist_api", WORKER: "crypto_worker"}[name]
    database = await Database.connect(settings, "sealdrop", Queries.load(package))
    stack.push_async_callback(database.close)
    return database


async def _service(name: str, file: Path, broker: InProcessBroker, database: Database | None, stage: Stage) -> None:
    audit: Bus = broker.bus(name, AUDIT_VHOST)
    if database is None:
        assert name == MONITOR
        return await monitor_agent.app.serve(load(monitor_agent.settings.MonitorSettings, file), audit, stage.stop)
    bus: Bus = broker.bus(name, HANDOVER_VHOST)
    if name == SOURCE:
        source = load(source_api.settings.SourceSettings, file)
        return await source_api.app.serve(source, bus, audit, database, stage.stop)
    if name == JOURNALIST:
        journalist = load(journalist_api.settings.JournalistSettings, file)
        return await journalist_api.app.serve(journalist, bus, audit, database, stage.stop)
    worker = load(crypto_worker.settings.Settings, file)
    return await crypto_worker.app.serve(worker, bus, audit, database, stage.stop_worker)
