"""The monitor on the bus in memory and on RabbitMQ: the same tests run on both."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.audit import AuditTrail
from chassis.bus import Bus
from chassis.inprocess import InProcessBroker
from contract.topology import AUDIT_QUEUE, AUDIT_VHOST
from monitor_agent.app import serve
from monitor_agent.settings import MonitorSettings
from sealing.signing import SigningKey, sign_envelope

from tests.integration.monitor.waiting import eventually
from tests.stack.rabbitmq import TOPOLOGY, RabbitServer

KEYS = {"source-1": SigningKey(bytes([1]) * 32), "worker-1": SigningKey(bytes([2]) * 32)}
MISSED_SECONDS = 2.0


@dataclass
class Hub:
    """The buses of two services and of the monitor."""

    buses: dict[str, Bus]
    broker: InProcessBroker | None = None  #: only in memory: what a hostile hub can do


@dataclass
class Scene:
    """A hub, and the monitor's state directory."""

    hub: Hub
    state_dir: Path
    services: dict[str, str] = field(default_factory=lambda: {name: key.hex for name, key in KEYS.items()})

    @asynccontextmanager
    async def monitor(self, missed_seconds: float = 60.0) -> AsyncIterator[None]:
        """A running monitor; stopped as a service is."""
        settings = MonitorSettings(
            services=self.services, state_dir=self.state_dir, heartbeat_missed_seconds=missed_seconds
        )
        stop = asyncio.Event()
        running = asyncio.create_task(serve(settings, self.hub.buses["monitor"], stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(running, 10)

    def trail(self, service: str) -> AuditTrail:
        """The sender's side, as services use it."""

        def sign(context: str, body: dict[str, Any]) -> bytes:
            return sign_envelope(KEYS[service], context, body)

        return AuditTrail(self.hub.buses[service], service, sign, heartbeat_seconds=0.2)

    def alerts(self) -> list[dict[str, Any]]:
        file = self.state_dir / "alerts.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def codes(self) -> list[tuple[str, str]]:
        return [(alert["code"], alert["service"]) for alert in self.alerts()]

    async def told(self, code: str, service: str) -> None:
        await eventually(lambda: (code, service) in self.codes())

    def head(self, service: str) -> int:
        """The number of the newest record the monitor remembers of a service; -1 for none."""
        file = self.state_dir / "trails.json"
        trails = json.loads(file.read_text())["services"] if file.exists() else {}
        return int(trails[service]["recent"][-1][1]) if service in trails else -1

    async def settled(self, service: str, number: int) -> None:
        """The monitor remembers at least this many records of the service's present run."""
        await eventually(lambda: self.head(service) >= number)


@pytest.fixture(params=["in memory", "rabbitmq"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    names = (*KEYS, "monitor")
    if request.param == "in memory":
        broker = InProcessBroker(TOPOLOGY)
        yield Hub({name: broker.bus(name, AUDIT_VHOST) for name in names}, broker)
        return
    server: RabbitServer = request.getfixturevalue("rabbitmq")
    buses = {name: await AmqpBus.connect(amqp_settings(server, name), AUDIT_VHOST) for name in names}
    await buses["monitor"].purge(AUDIT_QUEUE)
    yield Hub(dict(buses))
    for bus in buses.values():
        await bus.close()


def amqp_settings(server: RabbitServer, user: str) -> AmqpSettings:
    certificate, key = server.client_cert(user)
    return AmqpSettings(host=server.host, port=server.port, ca_file=server.ca_file, cert_file=certificate, key_file=key)


@pytest.fixture
def scene(hub: Hub, tmp_path: Path) -> Scene:
    return Scene(hub, tmp_path / "monitor")


@pytest.fixture
def hostile(tmp_path: Path) -> Scene:
    """A scene whose hub tests can make hostile."""
    broker = InProcessBroker(TOPOLOGY)
    buses: dict[str, Bus] = {name: broker.bus(name, AUDIT_VHOST) for name in (*KEYS, "monitor")}
    return Scene(Hub(buses, broker), tmp_path / "monitor")
