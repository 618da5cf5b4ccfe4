"""The audit trail: one unbroken chain that never holds up who records."""

import asyncio
import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from chassis.audit import AuditTrail
from chassis.bus import BusDown
from chassis.inprocess import InProcessBroker, InProcessBus
from contract.audit import AUDIT_CONTEXT, FIRST_HASH, AuditRecord, EventName
from contract.topology import AUDIT_QUEUE, AUDIT_VHOST, Topology


def sign(context: str, body: dict[str, Any]) -> bytes:
    """Stands for a signature: what matters here is which bytes are signed."""
    assert context == AUDIT_CONTEXT
    return json.dumps(body, sort_keys=True).encode()


class Trail:
    """A service's bus and the monitor's."""

    def __init__(self) -> None:
        self.broker = InProcessBroker(Topology())
        self.bus = self.broker.bus("source-1", AUDIT_VHOST)
        self.monitor = self.broker.bus("monitor", AUDIT_VHOST)

    async def read(self, count: int) -> tuple[list[AuditRecord], list[bytes]]:
        blobs: list[bytes] = []
        async with asyncio.timeout(2), self.monitor.consume(AUDIT_QUEUE) as consumer:
            async for delivery in consumer:
                blobs.append(delivery.body)
                await delivery.ack()
                if len(blobs) == count:
                    break
        return [AuditRecord.parse(json.loads(blob)) for blob in blobs], blobs


@pytest.fixture
def trail() -> Trail:
    return Trail()


async def test_records_are_one_numbered_chain_of_hashes(trail: Trail) -> None:
    journalist = uuid4()
    async with AuditTrail(trail.bus, "source-1", sign) as audit:
        audit.record(EventName.JOURNALIST_LOGGED_IN, journalist)
        audit.record(EventName.KEYSET_LOADED, generation=4)

    records, blobs = await trail.read(4)

    assert [record.name for record in records] == [
        EventName.STARTED,
        EventName.JOURNALIST_LOGGED_IN,
        EventName.KEYSET_LOADED,
        EventName.STOPPING,
    ]
    assert [record.number for record in records] == [0, 1, 2, 3]
    assert len({record.chain for record in records}) == 1
    hashes = [hashlib.sha256(blob).hexdigest() for blob in blobs]
    assert [record.previous for record in records] == [FIRST_HASH, *hashes[:-1]]
    assert (records[1].journalist, records[2].generation) == (journalist, 4)


async def test_two_starts_are_two_chains(trail: Trail) -> None:
    for _ in range(2):
        async with AuditTrail(trail.bus, "source-1", sign):
            pass

    records, _ = await trail.read(4)

    assert len({record.chain for record in records}) == 2


async def test_time_is_a_minute_and_none_at_all_for_events_on_the_way_of_an_upload(trail: Trail) -> None:
    async with AuditTrail(trail.bus, "source-1", sign, now=lambda: 119.9) as audit:
        for name in (EventName.FORGED_MESSAGE, EventName.RECEIPT_MISMATCH, EventName.STORE_FAILED):
            audit.record(name)

    records, _ = await trail.read(5)

    assert [record.minute for record in records] == [1, None, None, None, 1]


async def test_heartbeats_come_by_themselves(trail: Trail) -> None:
    async with AuditTrail(trail.bus, "source-1", sign, heartbeat_seconds=0.01):
        await asyncio.sleep(0.1)

    records, _ = await trail.read(3)

    assert [record.name for record in records[1:]] == [EventName.HEARTBEAT] * 2


async def test_a_broker_away_delays_records_but_holds_nobody_up(trail: Trail) -> None:
    trail.broker.is_running = False
    async with AuditTrail(trail.bus, "source-1", sign, heartbeat_seconds=0.01) as audit:
        audit.record(EventName.STORE_FAILED)
        await asyncio.sleep(0.1)
        trail.broker.is_running = True
        records, _ = await trail.read(2)

    assert [record.name for record in records] == [EventName.STARTED, EventName.STORE_FAILED], "no late heartbeats"


async def test_what_is_dropped_while_the_broker_is_away_leaves_a_gap_to_see(trail: Trail) -> None:
    trail.broker.is_running = False
    async with AuditTrail(trail.bus, "source-1", sign) as audit:
        await asyncio.sleep(0)
        for _ in range(1500):
            audit.record(EventName.STORE_FAILED)
        await asyncio.sleep(0.01)
        trail.broker.is_running = True
        records, _ = await trail.read(200)

    numbers = [record.number for record in records]
    assert numbers[0] == 0
    assert numbers[1] > 400


async def test_leaving_does_not_wait_for_a_broker_that_is_away(trail: Trail) -> None:
    trail.broker.is_running = False
    began = asyncio.get_running_loop().time()

    async with AuditTrail(trail.bus, "source-1", sign):
        pass

    assert asyncio.get_running_loop().time() - began < 2


async def test_a_lost_confirmation_repeats_the_same_bytes(trail: Trail) -> None:
    bus = Forgetful(trail.bus)
    async with AuditTrail(bus, "source-1", sign):
        await asyncio.sleep(0.7)

    records, _ = await trail.read(3)

    assert [record.number for record in records] == [0, 0, 1]


class Forgetful:
    """Delivers the first message and says it did not."""

    def __init__(self, bus: InProcessBus) -> None:
        self._bus = bus
        self._is_first = True
        self.is_up = True
        self.consume, self.purge, self.close = bus.consume, bus.purge, bus.close

    async def publish(self, route: Any, body: bytes, *, ttl_ms: int | None = None) -> None:
        await self._bus.publish(route, body, ttl_ms=ttl_ms)
        if self._is_first:
            self._is_first = False
            raise BusDown("no confirmation")
