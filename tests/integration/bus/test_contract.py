"""What every bus promises: the same tests in memory, on RabbitMQ over TLS, and through a unix-socket relay."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from chassis.bus import Bus, BusDown, Refused, Unroutable
from contract.topology import (
    ANNOUNCE,
    ANSWERS,
    AUDIT,
    AUDIT_QUEUE,
    AUDIT_VHOST,
    LANES,
    WORK,
    Route,
    announce_queue,
    answers_queue,
    lane_queue,
    work_queue,
)

Buses = Callable[..., Awaitable[Bus]]
LANE = lane_queue("worker-1-0")
TO_LANE = Route(LANES, "worker-1-0")


@pytest.fixture
async def source(buses: Buses) -> Bus:
    return await buses("source-1")


@pytest.fixture
async def worker(buses: Buses) -> AsyncIterator[Bus]:
    bus = await buses("worker-1")
    await bus.purge(LANE)
    await bus.purge(work_queue("worker-1"))
    yield bus
    await bus.purge(LANE)


async def receive(bus: Bus, queue: str, count: int) -> list[bytes]:
    """So many messages, acknowledged."""
    bodies = []
    async with asyncio.timeout(10), bus.consume(queue) as consumer:
        async for delivery in consumer:
            bodies.append(delivery.body)
            await delivery.ack()
            if len(bodies) == count:
                break
    return bodies


async def test_a_message_arrives_as_it_was_sent(source: Bus, worker: Bus) -> None:
    body = bytes(range(256)) * 1024 + b"end"

    await source.publish(TO_LANE, body)

    assert await receive(worker, LANE, 1) == [body]


async def test_an_empty_message_arrives(source: Bus, worker: Bus) -> None:
    await source.publish(TO_LANE, b"")

    assert await receive(worker, LANE, 1) == [b""]


async def test_publishes_started_together_arrive_in_order_at_a_slow_consumer(source: Bus, worker: Bus) -> None:
    bodies = [number.to_bytes(2, "big") * 20_000 for number in range(60)]
    arrived: list[bytes] = []

    publishing = [asyncio.create_task(source.publish(TO_LANE, body)) for body in bodies]
    async with asyncio.timeout(20), worker.consume(LANE, prefetch=8) as consumer:
        async for delivery in consumer:
            await asyncio.sleep(0.003 if len(arrived) % 3 else 0)
            arrived.append(delivery.body)
            await delivery.ack()
            if len(arrived) == len(bodies):
                break

    assert arrived == bodies
    await asyncio.gather(*publishing)


async def test_a_message_for_no_queue_raises(source: Bus) -> None:
    with pytest.raises(Unroutable):
        await source.publish(Route(WORK, "worker-99"), b"body")
    assert source.is_up


async def test_an_unroutable_message_among_others_fails_alone(source: Bus, worker: Bus) -> None:
    routes = [TO_LANE, Route(LANES, "nowhere-0"), TO_LANE, Route(LANES, "nowhere-1"), TO_LANE]

    results = await asyncio.gather(*(source.publish(route, b"x") for route in routes), return_exceptions=True)

    assert [type(result) for result in results] == [type(None), Unroutable, type(None), Unroutable, type(None)]
    assert len(await receive(worker, LANE, 3)) == 3


async def test_a_full_lane_refuses_and_keeps_what_it_has(source: Bus, worker: Bus) -> None:
    with pytest.raises(Refused):
        for number in range(300):  # the bound is 256; the broker may be a few late to notice
            await source.publish(TO_LANE, number.to_bytes(2, "big"))

    assert (await receive(worker, LANE, 1)) == [b"\0\0"]


async def test_a_fanout_reaches_every_producer(buses: Buses, worker: Bus) -> None:
    producers = {name: await buses(name) for name in ("source-1", "source-2", "journalist-1")}
    for name, bus in producers.items():
        await bus.purge(announce_queue(name))

    await worker.publish(Route(ANNOUNCE), b"alive")

    for name, bus in producers.items():
        assert await receive(bus, announce_queue(name), 1) == [b"alive"]


async def test_a_message_outlives_neither_its_own_time_nor_its_queues(source: Bus, worker: Bus) -> None:
    await source.publish(Route(WORK, "worker-1"), b"brief", ttl_ms=30)
    await source.publish(Route(WORK, "worker-1"), b"longer", ttl_ms=60_000)
    await asyncio.sleep(0.2)

    assert await receive(worker, work_queue("worker-1"), 1) == [b"longer"]


async def test_a_second_consumer_is_refused_also_from_another_connection(buses: Buses, worker: Bus) -> None:
    other = await buses("worker-1")

    async with worker.consume(LANE):
        for bus in (worker, other):
            with pytest.raises(Refused):
                async with bus.consume(LANE):
                    raise AssertionError("two consumers of one lane")

    async with other.consume(LANE):
        pass


async def test_what_was_not_acknowledged_comes_again_and_says_so(source: Bus, worker: Bus) -> None:
    for body in (b"first", b"second"):
        await source.publish(TO_LANE, body)
    async with asyncio.timeout(5), worker.consume(LANE) as consumer:
        first = await anext(consumer)
        assert not first.redelivered

    async with asyncio.timeout(5), worker.consume(LANE) as consumer:
        again = [await anext(consumer), await anext(consumer)]

    assert [delivery.body for delivery in again] == [b"first", b"second"]
    assert again[0].redelivered


async def test_no_more_than_the_prefetch_is_unacknowledged(source: Bus, worker: Bus) -> None:
    for number in range(4):
        await source.publish(TO_LANE, bytes([number]))

    async with asyncio.timeout(5), worker.consume(LANE, prefetch=2) as consumer:
        taken = [await anext(consumer), await anext(consumer)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(consumer), 0.2)
        await taken[0].ack()
        assert (await anext(consumer)).body == b"\2"


async def test_purge_empties_a_queue_and_counts(source: Bus, worker: Bus) -> None:
    for _ in range(3):
        await source.publish(TO_LANE, b"stale")

    assert await worker.purge(LANE) == 3
    assert await worker.purge(LANE) == 0


FORBIDDEN = [
    ("source-1", Route(ANNOUNCE)),
    ("source-1", Route(ANSWERS, "source-2")),
    ("source-1", Route("", LANE)),
    ("source-1", Route("no-such-exchange", "x")),
    ("worker-1", Route(WORK, "worker-2")),
    ("worker-1", Route(LANES, "worker-1-0")),
    ("worker-1", Route("", answers_queue("source-1"))),
]


@pytest.mark.parametrize(("user", "route"), FORBIDDEN)
async def test_a_user_cannot_publish_where_it_has_no_right_and_goes_on_after(
    buses: Buses, user: str, route: Route
) -> None:
    bus = await buses(user)

    with pytest.raises(Refused):
        await bus.publish(route, b"body")

    async with asyncio.timeout(5):
        while not bus.is_up:  # noqa: ASYNC110  # a property of two connections
            await asyncio.sleep(0.01)
    allowed = Route(WORK, "worker-2") if user == "source-1" else Route(ANSWERS, "source-2")
    await bus.publish(allowed, b"body", ttl_ms=1)


@pytest.mark.parametrize(
    ("user", "queue"),
    [
        ("source-1", answers_queue("source-2")),
        ("source-1", work_queue("worker-1")),
        ("source-1", LANE),
        ("worker-1", work_queue("worker-2")),
        ("worker-1", lane_queue("worker-2-0")),
        ("worker-1", answers_queue("source-1")),
        ("worker-1", "no-such-queue"),
    ],
)
async def test_a_user_can_neither_read_nor_purge_what_is_not_its_own(buses: Buses, user: str, queue: str) -> None:
    bus = await buses(user)

    with pytest.raises(Refused):
        async with bus.consume(queue):
            raise AssertionError("consumes another's queue")
    with pytest.raises(Refused):
        await bus.purge(queue)


async def test_everyone_may_write_the_audit_queue_and_only_the_monitor_reads_it(buses: Buses) -> None:
    monitor = await buses("monitor", AUDIT_VHOST)
    await monitor.purge(AUDIT_QUEUE)
    for user in ("source-1", "journalist-1", "worker-1"):
        await (await buses(user, AUDIT_VHOST)).publish(Route(AUDIT, AUDIT), user.encode())

    assert await receive(monitor, AUDIT_QUEUE, 3) == [b"source-1", b"journalist-1", b"worker-1"]
    with pytest.raises(Refused):
        async with (await buses("worker-1", AUDIT_VHOST)).consume(AUDIT_QUEUE):
            raise AssertionError("reads the audit trail")


async def test_a_closed_bus_ends_its_consumers_and_takes_nothing(buses: Buses) -> None:
    bus = await buses("worker-1")
    async with AsyncExitStack() as stack:
        consumer = await stack.enter_async_context(bus.consume(LANE))
        await bus.close()
        with pytest.raises(BusDown):
            await asyncio.wait_for(anext(consumer), 5)

    assert not bus.is_up
    with pytest.raises(BusDown):
        await bus.publish(Route(ANSWERS, "source-1"), b"x")
