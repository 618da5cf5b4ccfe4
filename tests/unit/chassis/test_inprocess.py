"""What only the bus in memory can do: a hostile hop, a crash, an alarm. Its contract: tests/integration/bus."""

import asyncio

import pytest
from chassis.bus import BusDown, Refused
from chassis.inprocess import InProcessBroker, InProcessBus
from contract.topology import ANNOUNCE, HANDOVER_VHOST, LANES, Route, Topology, announce_queue, lane_queue

TO_LANE, LANE = Route(LANES, "worker-1-0"), lane_queue("worker-1-0")


class Pair:
    """A source's bus and a worker's, and a clock to turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.broker = InProcessBroker(Topology(lanes=1), lambda: self.now)
        self.source: InProcessBus = self.broker.bus("source-1", HANDOVER_VHOST)
        self.worker: InProcessBus = self.broker.bus("worker-1", HANDOVER_VHOST)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_a_stranger_gets_no_bus(pair: Pair) -> None:
    for user, vhost in (("mallory", HANDOVER_VHOST), ("monitor", HANDOVER_VHOST)):
        with pytest.raises(Refused):
            pair.broker.bus(user, vhost)


async def test_the_hop_may_alter_drop_and_repeat(pair: Pair) -> None:
    pair.broker.hop = lambda queue, body: {b"drop": (), b"twice": (b"twice", b"twice")}.get(body, (body + b"!",))
    for body in (b"drop", b"twice", b"other"):
        await pair.source.publish(TO_LANE, body)

    async with pair.worker.consume(LANE) as consumer:
        assert [(await anext(consumer)).body for _ in range(3)] == [b"twice", b"twice", b"other!"]


async def test_a_crash_ends_consumers_and_loses_what_waited(pair: Pair) -> None:
    await pair.source.publish(TO_LANE, b"lost")
    async with pair.worker.consume(LANE, prefetch=1) as consumer:
        delivery = await anext(consumer)
        pair.broker.stop()
        with pytest.raises(BusDown):
            await anext(consumer)
        with pytest.raises(BusDown):
            await delivery.ack()
    with pytest.raises(BusDown):
        await pair.source.publish(TO_LANE, b"x")

    pair.broker.start()

    assert pair.source.is_up
    assert pair.broker.depth(HANDOVER_VHOST, LANE) == 0


async def test_a_consumer_that_waits_is_ended_too(pair: Pair) -> None:
    async with pair.worker.consume(LANE) as consumer:
        waiting = asyncio.ensure_future(anext(consumer))
        await asyncio.sleep(0)
        pair.broker.stop()
        with pytest.raises(BusDown):
            await waiting


async def test_under_an_alarm_publishing_fails_and_consuming_goes_on(pair: Pair) -> None:
    await pair.source.publish(TO_LANE, b"before")
    pair.broker.is_blocked = True

    with pytest.raises(BusDown):
        await pair.source.publish(TO_LANE, b"x")
    async with pair.worker.consume(LANE) as consumer:
        assert (await anext(consumer)).body == b"before"


async def test_messages_die_by_the_clock(pair: Pair) -> None:
    await pair.worker.publish(Route(ANNOUNCE), b"x")
    pair.now = 14.9
    assert pair.broker.depth(HANDOVER_VHOST, announce_queue("source-1")) == 1

    pair.now = 15.0

    assert pair.broker.depth(HANDOVER_VHOST, announce_queue("source-1")) == 0


async def test_a_queue_that_drops_its_head_keeps_the_youngest(pair: Pair) -> None:
    for number in range(105):
        await pair.worker.publish(Route(ANNOUNCE), bytes([number]))

    async with pair.source.consume(announce_queue("source-1")) as consumer:
        assert (await anext(consumer)).body == bytes([5])
