"""The AMQP bus when its broker goes, comes back, or stops taking messages.

The broker is started from the main thread, though that stops the event loop for a while: it ends with the thread that
started it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.bus import BusDown, BusError
from contract.topology import AUDIT, AUDIT_QUEUE, AUDIT_VHOST, HANDOVER_VHOST, LANES, Route, lane_queue

from tests.integration.bus.conftest import RenderedBroker

LANE = lane_queue("worker-2-1")
TO_LANE = Route(LANES, "worker-2-1")


async def eventually(is_so: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():  # noqa: ASYNC110  # properties of connections
            await asyncio.sleep(0.02)


async def persistently(call: Callable[[], Awaitable[object]], seconds: float = 60) -> None:
    """As a service does: a broker that has just come back may need a while, above all for its quorum queue."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                await call()
                return
            except BusDown:
                await asyncio.sleep(0.2)


@pytest.fixture(autouse=True)
def settled(broker: RenderedBroker) -> None:
    """No test here crashes a broker in its first seconds."""
    broker.settle()


@pytest.fixture
async def source(broker: RenderedBroker) -> AsyncIterator[AmqpBus]:
    bus = await AmqpBus.connect(broker.settings("source-1"), HANDOVER_VHOST)
    yield bus
    await bus.close()


@pytest.fixture
async def worker(broker: RenderedBroker) -> AsyncIterator[AmqpBus]:
    bus = await AmqpBus.connect(broker.settings("worker-2"), HANDOVER_VHOST)
    await bus.purge(LANE)
    yield bus
    await bus.close()


async def test_a_killed_broker_ends_publishes_and_consumers_and_both_work_after_it_is_back(
    broker: RenderedBroker, source: AmqpBus, worker: AmqpBus
) -> None:
    async with worker.consume(LANE) as consumer:
        waiting = asyncio.ensure_future(anext(consumer))
        publishing = [asyncio.create_task(source.publish(TO_LANE, bytes(250_000))) for _ in range(30)]
        broker.kill()

        results = await asyncio.wait_for(asyncio.gather(*publishing, return_exceptions=True), 15)
        assert {type(result) for result in results} <= {type(None), BusDown}
        with pytest.raises(BusDown):
            while True:
                await asyncio.wait_for(waiting, 15)
                waiting = asyncio.ensure_future(anext(consumer))
    assert not source.is_up

    broker.start()
    await persistently(lambda: worker.purge(LANE))
    await persistently(lambda: source.publish(TO_LANE, b"after"))
    async with asyncio.timeout(10), worker.consume(LANE) as consumer:
        assert (await anext(consumer)).body == b"after", "the old consumer is gone, and nothing came back by itself"


async def test_nothing_under_way_is_sent_again_after_a_reconnect(
    broker: RenderedBroker, source: AmqpBus, worker: AmqpBus
) -> None:
    async with worker.consume(LANE, prefetch=1) as consumer:
        await source.publish(TO_LANE, b"once")
        delivery = await anext(consumer)
        await delivery.ack()
        await asyncio.to_thread(broker.control, "close_all_connections", "-q", "--vhost", "handover", "test")
        with pytest.raises(BusDown):
            await asyncio.wait_for(anext(consumer), 10)
    await eventually(lambda: source.is_up and worker.is_up)

    async with worker.consume(LANE) as consumer:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(consumer), 0.5)


async def test_without_a_broker_it_starts_and_connects_when_there_is_one(broker: RenderedBroker) -> None:
    broker.kill()
    connecting = asyncio.create_task(AmqpBus.connect(broker.settings("source-1"), HANDOVER_VHOST))
    await asyncio.sleep(0.5)
    broker.start()

    bus = await connecting

    await eventually(lambda: bus.is_up)
    await bus.close()


async def test_a_broker_under_alarm_is_down_for_publishers_at_once(
    broker: RenderedBroker, source: AmqpBus, worker: AmqpBus
) -> None:
    await asyncio.to_thread(broker.control, "set_disk_free_limit", "-q", "1000000GB")
    try:
        with pytest.raises(BusError):
            await asyncio.wait_for(source.publish(TO_LANE, b"first"), 10)
        await eventually(lambda: not source.is_up, 5)
        began = asyncio.get_running_loop().time()
        with pytest.raises(BusDown):
            await source.publish(TO_LANE, b"second")
        assert asyncio.get_running_loop().time() - began < 0.1
        await worker.purge(LANE)  # consumers go on
    finally:
        await asyncio.to_thread(broker.control, "set_disk_free_limit", "-q", "100MB")
    await eventually(lambda: source.is_up)
    await source.publish(TO_LANE, b"third")


async def test_a_relay_that_is_not_there_leaves_the_bus_down(broker: RenderedBroker) -> None:
    settings = AmqpSettings(relay_socket=broker.directory / "no-such.sock")
    connecting = asyncio.create_task(AmqpBus.connect(settings, HANDOVER_VHOST))
    await asyncio.sleep(0.3)
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting


async def test_audit_records_survive_a_killed_broker(broker: RenderedBroker) -> None:
    service = await AmqpBus.connect(broker.settings("worker-1"), AUDIT_VHOST)
    monitor = await AmqpBus.connect(broker.settings("monitor"), AUDIT_VHOST)
    await persistently(lambda: monitor.purge(AUDIT_QUEUE))
    await persistently(lambda: service.publish(Route(AUDIT, AUDIT), b"record"))

    broker.kill()
    broker.start()

    async def read() -> None:
        async with asyncio.timeout(10), monitor.consume(AUDIT_QUEUE) as consumer:
            delivery = await anext(consumer)
            assert delivery.body == b"record"
            await delivery.ack()

    await persistently(read)
    await service.close()
    await monitor.close()
