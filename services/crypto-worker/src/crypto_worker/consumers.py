"""The edge: work messages come in, each acceptable one becomes a reception in a free lane.

Theory: a work message is acknowledged at once and never requeued: what is lost with this process is lost, and the
producer learns it within seconds from silence. An upload is never begun twice.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from chassis.bus import BusError
from contract.audit import EventName
from contract.messages import FailCode, Work
from contract.topology import lane_name, work_queue
from sealing.signing import SigningKey

from crypto_worker.answers import Answers
from crypto_worker.errors import Failed, Forged
from crypto_worker.notes import Note
from crypto_worker.reception import House, Reception
from crypto_worker.work import Admitted, Sender, WorkGate

RETRY_SECONDS: Final = 1.0


class WorkDesk:
    """Takes work messages for one worker. `can_store` answers whether the vault is held just now."""

    def __init__(
        self, house: House, identity: SigningKey, gate: WorkGate, worker: str, lanes: int, can_store: Callable[[], bool]
    ) -> None:
        self._house = house
        self._identity = identity
        self._gate = gate
        self._queue = work_queue(worker)
        self.lanes = lanes
        self._free = [lane_name(worker, number) for number in range(lanes)]
        self._can_store = can_store
        self._receptions: set[Reception] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    @property
    def free_lanes(self) -> int:
        return len(self._free)

    def capacity(self) -> int | None:
        """How many uploads could begin now; None while nothing could be stored."""
        return self.free_lanes if self._can_store() and not self._is_closing else None

    async def run(self) -> None:
        """Until cancelled. Uploads under way are not touched when the work queue is lost."""
        while True:
            try:
                async with self._house.bus.consume(self._queue, prefetch=1) as consumer:
                    async for delivery in consumer:
                        await delivery.ack()
                        self.take(delivery.body)
            except BusError:
                self._house.log.count(Note.BUS_LOST)
            await asyncio.sleep(RETRY_SECONDS)

    def take(self, blob: bytes) -> None:
        """One work message as it came. A forged or repeated one gets no answer: it would go to whom it names."""
        try:
            work = self._gate.verify(blob)
            try:
                self._begin(self._gate.admit(work, blob))
            except Failed as refusal:
                self._start(self._refuse(work, refusal.code))
        except Forged:
            self._house.log.count(Note.FORGED)
            self._house.audit.record(EventName.FORGED_MESSAGE)

    def interrupt_all(self, code: FailCode) -> None:
        """Every upload under way fails, but for those whose last transaction has begun."""
        for reception in tuple(self._receptions):
            reception.interrupt(code)

    async def close(self) -> None:
        """Take nothing more, end what is under way, and wait for that."""
        self._is_closing = True
        self.interrupt_all(FailCode.STOPPING)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, admitted: Admitted) -> None:
        """Errors: Failed when there is no room."""
        if self._is_closing:
            raise Failed(FailCode.STOPPING, "shutting down")
        if not self._can_store():
            raise Failed(FailCode.STORE, "no hold on the vault")
        if not self._free:
            raise Failed(FailCode.BUSY, "no free lane")
        # From the front, freed ones to the back: a lane rests as long as possible before it is used again.
        lane = self._free.pop(0)
        answers = Answers(self._house.bus, self._identity, admitted.sender)
        self._start(self._receive(Reception(self._house, admitted, lane, answers), lane))

    async def _receive(self, reception: Reception, lane: str) -> None:
        self._receptions.add(reception)
        try:
            await reception.run()
        finally:
            self._receptions.discard(reception)
            self._free.append(lane)

    async def _refuse(self, work: Work, code: FailCode) -> None:
        sender = Sender(work.upload_id, work.kind, work.producer, work_sha256="")
        try:
            await Answers(self._house.bus, self._identity, sender).fail(code)
        except BusError:
            self._house.log.count(Note.ANSWER_LOST)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._house.log.count(Note.UNEXPECTED, error)  # on the hour: it is an upload's moment
