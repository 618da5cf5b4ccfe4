"""A worker's desk on the in-process bus, with a vault in memory that fails when told to."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from chassis.audit import AuditTrail
from chassis.bus import BusError
from chassis.inprocess import InProcessBroker, InProcessBus
from chassis.logs import Log
from contract.audit import EventName
from contract.frames import Frame
from contract.messages import (
    ANSWER_CONTEXT,
    WORK_CONTEXT,
    Accept,
    Answer,
    Sealed,
    UploadKind,
    Work,
    parse_answer,
    work_info,
)
from contract.topology import HANDOVER_VHOST, LANES, WORK, Route, Topology, answers_queue
from crypto_worker.base64_text import to_base64
from crypto_worker.chunks import Chunk
from crypto_worker.consumers import WorkDesk
from crypto_worker.epochs import Epochs
from crypto_worker.errors import OutcomeUnknown, StoreError
from crypto_worker.receipt import Signatory
from crypto_worker.reception import House
from crypto_worker.store import Closing, Committed
from crypto_worker.work import WorkGate
from sealing.epoch import seal_to_epoch
from sealing.signing import SigningKey, canonical, open_envelope, sign_envelope

from tests.unit.crypto_worker.posting import KEYSET, SOURCE, Post

WORKER, SOURCE_API = SigningKey.generate(), SigningKey.generate()
SILENCE = 0.3


class MemoryVault:
    """`failing` holds names of methods that fail."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.calls: list[str] = []
        self.pending: dict[UUID, list[Chunk]] = {}
        self.stored: dict[UUID, Committed] = {}
        self.commit_may_end = asyncio.Event()
        self.commit_may_end.set()
        self.committing = asyncio.Event()

    async def open(self, upload_id: UUID) -> None:
        self._enter("open")
        self.pending[upload_id] = []

    async def begin_item(self, upload_id: UUID, item_id: UUID) -> None:
        self._enter("begin_item")

    async def write(self, chunks: Sequence[Chunk]) -> None:
        self._enter("write")
        next(iter(self.pending.values())).extend(chunks)

    async def commit(self, closing: Closing) -> Committed:
        self._enter("commit")
        self.committing.set()
        await self.commit_may_end.wait()
        upload_id = closing.admitted.sender.upload_id
        committed = Committed(closing.sign(1), closing.card)
        del self.pending[upload_id]
        self.stored[upload_id] = committed
        if "commit_answer" in self.failing:
            raise OutcomeUnknown("no answer")
        return committed

    async def discard(self, upload_id: UUID) -> None:
        self._enter("discard")
        self.pending.pop(upload_id, None)

    async def tidy(self) -> None:
        self._enter("tidy")

    def _enter(self, name: str) -> None:
        self.calls.append(name)
        if name in self.failing:
            raise StoreError(name)


class Recorder(AuditTrail):
    """Keeps the names of what is recorded."""

    def __init__(self, bus: InProcessBus) -> None:
        super().__init__(bus, "worker-1", lambda _, __: b"")
        self.names: list[EventName] = []

    def record(self, name: EventName, journalist: UUID | None = None, generation: int | None = None) -> None:
        self.names.append(name)


class Stage:
    """Worker and producer face to face. `lanes` bounds what the worker takes at once."""

    def __init__(self, lanes: int = 2) -> None:
        self.broker = InProcessBroker(Topology(lanes=lanes))
        worker_bus = self.broker.bus("worker-1", HANDOVER_VHOST)
        self.bus = self.broker.bus("source-1", HANDOVER_VHOST)
        self.vault = MemoryVault()
        self.audit = Recorder(worker_bus)
        self.can_store = True
        self.epochs = Epochs(time.monotonic)
        self.instance = uuid4()
        house = House(
            worker_bus,
            self.vault,
            KEYSET,
            Signatory(WORKER, KEYSET),
            self.audit,
            Log("test"),
            8,
            silence_seconds=SILENCE,
        )
        producers = {UploadKind.SUBMISSION: {"source-1": SOURCE_API.verify_key}, UploadKind.REPLY: {}}
        gate = WorkGate("worker-1", self.instance, producers, self.epochs)
        self.desk = WorkDesk(house, WORKER, gate, "worker-1", lanes, lambda: self.can_store)

    def work(self, post: Post, key: SigningKey = SOURCE_API) -> bytes:
        epoch = self.epochs.current()
        sealed = Sealed(
            upload_secret=post.secret.raw.hex(),
            lookup_id="ab" * 32,
            reply_recipient=str(SOURCE.recipient),
            source_id=UUID(int=7),
        )
        info = work_info(post.upload_id, "worker-1", epoch.id)
        work = Work(
            upload_id=post.upload_id,
            kind=UploadKind.SUBMISSION,
            producer="source-1",
            worker="worker-1",
            instance=self.instance,
            epoch=epoch.id,
            sealed=to_base64(seal_to_epoch(epoch.key.public, info, canonical(sealed.body()))),
        )
        return sign_envelope(key, WORK_CONTEXT, work.body())

    async def ask(self, post: Post, key: SigningKey = SOURCE_API) -> None:
        await self.bus.publish(Route(WORK, "worker-1"), self.work(post, key))

    async def send(self, lane: str, *frames: Frame) -> None:
        for frame in frames:
            await self.bus.publish(Route(LANES, lane), frame.encode())

    async def begin(self, post: Post) -> str:
        """Ask, and answer with the lane the worker gave."""
        await self.ask(post)
        accept = await self.answer()
        assert isinstance(accept, Accept)
        return accept.lane

    async def answer(self, seconds: float = 2.0) -> Answer:
        """The next answer that is not credit."""
        async with asyncio.timeout(seconds), self.bus.consume(answers_queue("source-1"), prefetch=1) as answers:
            async for delivery in answers:
                await delivery.ack()
                answer = parse_answer(open_envelope(WORKER.verify_key, ANSWER_CONTEXT, delivery.body))
                if answer.type not in ("credit", "ping"):
                    return answer
        raise BusError("no answer")

    async def settled(self, seconds: float = 2.0) -> None:
        """When no lane is in use any more."""
        async with asyncio.timeout(seconds):
            while self.desk.free_lanes < self.desk.lanes:  # noqa: ASYNC110  # nothing tells
                await asyncio.sleep(0.01)


@asynccontextmanager
async def on_stage(lanes: int = 2) -> AsyncGenerator[Stage]:
    stage = Stage(lanes)
    running = asyncio.create_task(stage.desk.run())
    try:
        yield stage
    finally:
        await stage.desk.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
