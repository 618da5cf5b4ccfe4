"""A broker of this directory's own (its tests kill it), and buses of every kind."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.bus import Bus
from chassis.inprocess import InProcessBroker
from contract.topology import HANDOVER_VHOST

from tests.stack.authority import TestAuthority
from tests.stack.rabbitmq import TOPOLOGY, RabbitServer

SETTLED_SECONDS = 10.0


class RenderedBroker(RabbitServer):
    """The stack's server, which is configured by deploy/rabbitmq/render.py."""

    def __init__(self, authority: TestAuthority) -> None:
        super().__init__(authority)
        self._made_at = time.monotonic()

    def settings(self, user: str) -> AmqpSettings:
        """How a service with this user's certificate connects."""
        certificate, key = self.client_cert(user)
        return AmqpSettings(host=self.host, port=self.port, ca_file=self.ca_file, cert_file=certificate, key_file=key)

    def settle(self) -> None:
        """Waits until a crash is survivable: RabbitMQ 3.10 killed within seconds of its first start of all keeps a
        quorum queue that never elects a leader again."""
        time.sleep(max(0.0, self._made_at + SETTLED_SECONDS - time.monotonic()))


@pytest.fixture(scope="package")
def broker(authority: TestAuthority) -> Iterator[RenderedBroker]:
    """One broker for this directory."""
    server = RenderedBroker(authority)
    yield server
    server.close()


@pytest.fixture(scope="package")
def relays(broker: RenderedBroker) -> Callable[[str], Path]:
    """One relay per user, as on a hardened machine."""
    made: dict[str, Path] = {}

    def relay(user: str) -> Path:
        if user not in made:
            made[user] = broker.relay(user)
        return made[user]

    return relay


@pytest.fixture(params=["in process", "tls", "relay"])
async def buses(request: pytest.FixtureRequest) -> AsyncIterator[Callable[..., Awaitable[Bus]]]:
    """Makes buses of one kind: `await buses(user, vhost)`. All are closed at the end of the test."""
    made: list[Bus] = []
    memory = InProcessBroker(TOPOLOGY)

    async def make(user: str, vhost: str = HANDOVER_VHOST) -> Bus:
        bus: Bus
        if request.param == "in process":
            bus = memory.bus(user, vhost)
        elif request.param == "tls":
            bus = await AmqpBus.connect(request.getfixturevalue("broker").settings(user), vhost)
        else:
            socket = request.getfixturevalue("relays")(user)
            bus = await AmqpBus.connect(AmqpSettings(relay_socket=socket), vhost)
        assert bus.is_up
        made.append(bus)
        return bus

    yield make
    for bus in made:
        await bus.close()
