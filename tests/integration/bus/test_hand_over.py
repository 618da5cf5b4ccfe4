"""The producer's side over the real broker, against a worker that follows a script."""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from chassis.amqp import AmqpBus
from contract.limits import FRAME_BYTES, MAX_CREDIT_FRAMES
from contract.messages import FinishedItem, UploadKind
from contract.topology import HANDOVER_VHOST, lane_name, lane_queue, work_queue
from handover.directory import WorkerDirectory
from handover.errors import HandOverFailed
from handover.producer import HandOver
from handover.stored import Stored
from sealing.identities import HybridIdentity
from sealing.receipts import Receipt, sign_receipt
from sealing.signing import SigningKey

from tests.integration.bus.conftest import RenderedBroker
from tests.unit.handover.conftest import finished, send_all
from tests.unit.handover.scripted_worker import ScriptedFence, ScriptedWorker

RECIPIENT = str(HybridIdentity.generate().recipient)


@dataclass
class Bridge:
    """Both ends, each with its own connections."""

    hand_over: HandOver
    worker: ScriptedWorker
    fence: ScriptedFence

    async def open(self) -> None:
        """The worker is heard of."""
        async with asyncio.timeout(60):
            while not self.hand_over.is_open:
                with suppress(Exception):
                    await self.worker.announce()
                await asyncio.sleep(0.1)

    async def submit(self, payload: bytes) -> Stored:
        item: FinishedItem = finished(payload)
        beginning = self.hand_over.begin(UploadKind.SUBMISSION, uuid.uuid4(), b"l" * 32, RECIPIENT)
        async with await beginning as transfer:
            await send_all(transfer, {item: payload})
            return await transfer.finish([item])

    async def serve(self, credit: int = 8) -> Receipt:
        """One honest upload."""
        taken = await self.worker.take()
        await self.worker.accept(taken, credit)
        receipt = self.worker.receipt(taken, await self.worker.receive(taken))
        await self.worker.done(taken, sign_receipt(self.worker.key, receipt))
        return receipt


@pytest.fixture
async def bridge(broker: RenderedBroker) -> AsyncIterator[Bridge]:
    broker.settle()
    source = await AmqpBus.connect(broker.settings("source-1"), HANDOVER_VHOST)
    far = await AmqpBus.connect(broker.settings("worker-1"), HANDOVER_VHOST)
    for queue in (work_queue("worker-1"), lane_queue(lane_name("worker-1", 0))):
        await far.purge(queue)
    key, fence = SigningKey.generate(), ScriptedFence()
    worker = ScriptedWorker(far, key.verify_key)
    directory = WorkerDirectory(source, "source-1", {"worker-1": worker.key.public})
    hand_over = HandOver(source, "source-1", key, directory, fence)
    tasks = [asyncio.create_task(directory.run()), asyncio.create_task(hand_over.run())]
    made = Bridge(hand_over, worker, fence)
    await made.open()
    yield made
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await source.close()
    await far.close()


@pytest.mark.parametrize("credit", [1, 8, MAX_CREDIT_FRAMES])
async def test_a_large_payload_arrives_whole(bridge: Bridge, credit: int) -> None:
    payload = os.urandom(40 * FRAME_BYTES + 17)
    served = asyncio.create_task(bridge.serve(credit))

    stored = await bridge.submit(payload)

    assert stored.receipt == await served
    assert bridge.worker.payloads() == [payload]


async def test_a_broker_killed_under_way_is_a_failure_in_time_and_the_next_upload_works(
    broker: RenderedBroker, bridge: Bridge
) -> None:
    serving = asyncio.create_task(bridge.serve())
    submitting = asyncio.create_task(bridge.submit(os.urandom(400 * FRAME_BYTES)))
    async with asyncio.timeout(20):
        while len(bridge.worker.frames) < 20:  # noqa: ASYNC110  # a list in a test
            await asyncio.sleep(0.005)
    broker.kill()
    began = time.monotonic()

    with pytest.raises(HandOverFailed):
        await submitting
    assert time.monotonic() - began < 10
    await asyncio.gather(serving, return_exceptions=True)

    broker.start()
    bridge.worker.frames.clear()
    await bridge.open()
    served = asyncio.create_task(bridge.serve())
    stored = await bridge.submit(b"once more")
    assert stored.receipt == await served
    assert bridge.worker.payloads() == [b"once more"]
