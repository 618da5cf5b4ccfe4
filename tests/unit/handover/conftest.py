"""A producer, a worker and a bus between them, in one process and with short patience."""

import asyncio
import hashlib
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from chassis.inprocess import InProcessBroker
from contract.audit import EventName
from contract.messages import FinishedItem, ItemKind, UploadKind
from contract.topology import HANDOVER_VHOST, Topology
from handover.directory import WorkerDirectory
from handover.producer import HandOver
from handover.stored import Stored
from handover.timings import Timings
from handover.transfer import Transfer
from sealing.identities import HybridIdentity
from sealing.signing import SigningKey

from tests.unit.handover.scripted_worker import ScriptedFence, ScriptedWorker, Taken

SHORT = Timings(fresh=7.0, accept=0.5, silence=0.5, stall=1.0, ping=0.1, retry=0.01, retry_most=0.02)


@dataclass
class House:
    """Everything a test of the hand-over needs."""

    broker: InProcessBroker
    workers: list[ScriptedWorker]
    directory: WorkerDirectory
    hand_over: HandOver
    fence: ScriptedFence
    notices: list[EventName]
    source_id: uuid.UUID = field(default_factory=uuid.uuid4)
    reply_recipient: str = field(default_factory=lambda: str(HybridIdentity.generate().recipient))

    @property
    def worker(self) -> ScriptedWorker:
        return self.workers[0]

    async def begin(self) -> Transfer:
        """A submission of this house's source."""
        return await self.hand_over.begin(UploadKind.SUBMISSION, self.source_id, b"l" * 32, self.reply_recipient)


def finished(payload: bytes, kind: ItemKind = ItemKind.FILE) -> FinishedItem:
    """One item as the sealing room would report it."""
    digest = hashlib.sha256(payload).hexdigest()
    return FinishedItem(
        item_id=uuid.uuid4(), kind=kind, payload_bytes=len(payload), payload_sha256=digest, size_class=65536
    )


async def send_all(transfer: Transfer, payloads: dict[FinishedItem, bytes]) -> None:
    """Items in order, without FINISH."""
    for item, payload in payloads.items():
        await transfer.start_item(item.kind, item.item_id)
        await transfer.send(payload)


async def until_open(hand_over: HandOver) -> None:
    """A second at most."""
    async with asyncio.timeout(1):
        while not hand_over.is_open:  # noqa: ASYNC110  # a property, made of clocks and connections
            await asyncio.sleep(0.005)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Two workers; the first has announced itself."""
    broker = InProcessBroker(Topology(workers=("worker-1", "worker-2"), lanes=2))
    key, notices, fence = SigningKey.generate(), list[EventName](), ScriptedFence()
    names = ("worker-1", "worker-2")
    workers = [ScriptedWorker(broker.bus(name, HANDOVER_VHOST), key.verify_key, name) for name in names]
    bus = broker.bus("source-1", HANDOVER_VHOST)
    keys = {worker.name: worker.key.public for worker in workers}
    directory = WorkerDirectory(bus, "source-1", keys, timings=SHORT, notice=notices.append)
    hand_over = HandOver(bus, "source-1", key, directory, fence, timings=SHORT, notice=notices.append)
    tasks = [asyncio.create_task(directory.run()), asyncio.create_task(hand_over.run())]
    await asyncio.sleep(0.01)
    await workers[0].announce()
    await until_open(hand_over)
    yield House(broker, workers, directory, hand_over, fence, notices)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def submit(house: House, payloads: dict[FinishedItem, bytes]) -> Stored:
    """A whole submission."""
    async with await house.begin() as transfer:
        await send_all(transfer, payloads)
        return await transfer.finish(list(payloads))


def one_item() -> dict[FinishedItem, bytes]:
    payload = os.urandom(1000)
    return {finished(payload): payload}


async def accept_only(worker: ScriptedWorker) -> Taken:
    taken = await worker.take()
    await worker.accept(taken)
    return taken
