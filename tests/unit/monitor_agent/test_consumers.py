"""A delivery is told, then remembered, then acknowledged; what fails on the way comes again."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chassis.bus import BusDown, Consumer, Delivery
from chassis.logs import Log
from contract.topology import Route
from monitor_agent import consumers
from monitor_agent.consumers import AuditConsumer
from monitor_agent.heartbeat import Watch
from monitor_agent.rules import Alert
from monitor_agent.store import TrailStore
from monitor_agent.watchman import Watchman

from tests.integration.monitor.waiting import eventually

Steps = list[str]


class Store(TrailStore):
    """Writes down that it saved; fails when told to."""

    def __init__(self, directory: Path, steps: Steps, fails: bool = False) -> None:
        super().__init__(directory)
        self._steps = steps
        self._fails = fails

    def save(self, trails: object) -> None:
        if self._fails:
            raise OSError(28, "No space left on device")
        self._steps.append("saved")


class OneMessageBus:
    """Delivers one message per connection, then goes down."""

    is_up = True

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    @asynccontextmanager
    async def consume(self, queue: str, *, prefetch: int = 16) -> AsyncIterator[Consumer]:
        self._steps.append(f"consuming {queue}")
        yield self._deliveries()

    async def _deliveries(self) -> AsyncIterator[Delivery]:
        async def ack() -> None:
            self._steps.append("acknowledged")

        yield Delivery(b"garbage", False, ack)
        raise BusDown("gone")

    async def publish(self, route: Route, body: bytes, *, ttl_ms: int | None = None) -> None:
        raise AssertionError("the monitor says nothing")

    async def purge(self, queue: str) -> int:
        raise AssertionError("the monitor throws nothing away")

    async def close(self) -> None:
        """Nothing to let go of."""


def consumer(tmp_path: Path, steps: Steps, *, fails: bool = False) -> AuditConsumer:
    async def tell(alerts: Iterable[Alert]) -> None:
        steps.extend(f"told {alert.code}" for alert in alerts)

    watchman = Watchman({}, {}, Watch([], 0.0), lambda: 0.0, lambda: 0)
    log = Log("monitor-agent", io.StringIO())
    return AuditConsumer(OneMessageBus(steps), watchman, Store(tmp_path, steps, fails), tell, log)


async def test_a_record_is_told_then_saved_then_acknowledged(tmp_path: Path) -> None:
    steps: Steps = []
    running = asyncio.create_task(consumer(tmp_path, steps).run())

    await eventually(lambda: "acknowledged" in steps)
    running.cancel()

    assert steps[:4] == ["consuming audit.events", "told stranger", "saved", "acknowledged"]


async def test_a_record_that_cannot_be_remembered_is_not_acknowledged(tmp_path: Path) -> None:
    steps: Steps = []

    with pytest.raises(OSError, match="space"):
        await consumer(tmp_path, steps, fails=True).run()

    assert "acknowledged" not in steps


async def test_a_lost_connection_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "_RETRY_SECONDS", 0.01)
    steps: Steps = []
    running = asyncio.create_task(consumer(tmp_path, steps).run())

    await eventually(lambda: steps.count("consuming audit.events") >= 3)
    running.cancel()
