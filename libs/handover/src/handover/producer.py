"""Handing uploads over to workers (docs/protocol.md, steps 4 to 9): what source-api and journalist-api use."""

import asyncio
import contextlib
from uuid import UUID

from chassis.bus import Bus, BusError
from contract.audit import EventName
from contract.errors import ProtocolError
from contract.messages import ANSWER_CONTEXT, UploadKind, parse_answer
from contract.topology import answers_queue
from sealing.errors import BadRecipient, BadSignature
from sealing.signing import SigningKey, open_envelope_by

from handover.directory import Notice, WorkerDirectory, unnoticed
from handover.errors import FenceUnavailable, HandOverError, HandOverFailed, NotConfirmed, Offline
from handover.fence import OutcomeFence, Settler
from handover.order import Binding, new_order
from handover.pauses import Pauses
from handover.stored import Stored
from handover.timings import Timings
from handover.transfer import Means, Transfer

__all__ = [
    "FenceUnavailable",
    "HandOver",
    "HandOverError",
    "HandOverFailed",
    "NotConfirmed",
    "Offline",
    "OutcomeFence",
    "Stored",
    "Transfer",
]

_ANSWERS_PREFETCH = 64


class HandOver:
    """One producer's uploads. `run` must be running, and the directory's `run` too."""

    def __init__(
        self,
        bus: Bus,
        producer: str,
        signing_key: SigningKey,
        directory: WorkerDirectory,
        fence: OutcomeFence,
        *,
        timings: Timings | None = None,
        notice: Notice = unnoticed,
    ) -> None:
        self._bus = bus
        self._producer = producer
        self._signing_key = signing_key
        self._directory = directory
        self._timings = timings or Timings()
        self._notice = notice
        self._settler = Settler(fence, self._timings, notice)
        self._means = Means(bus, self._settler, self._timings, notice)
        self._transfers: dict[UUID, Transfer] = {}
        self._is_listening = False

    @property
    def is_open(self) -> bool:
        """True if `begin` would be tried now."""
        return self._is_listening and self._directory.is_open

    async def run(self) -> None:
        """Listens for answers until cancelled. A lost connection fails every upload under way: none is resumed."""
        pauses = Pauses(self._timings)
        try:
            while True:
                with contextlib.suppress(BusError):
                    await self._listen(pauses)
                self._stop_listening()
                await asyncio.sleep(pauses.next())
        finally:
            self._stop_listening()
            await self._settler.close()

    async def begin(
        self,
        kind: UploadKind,
        source_id: UUID,
        lookup_id: bytes | None = None,
        reply_recipient: str | None = None,
    ) -> Transfer:
        """An upload that a worker has accepted. A worker that declines at once is passed over for another.

        Errors: Offline (no worker lives), HandOverFailed (none took it).
        """
        if not self.is_open:
            raise Offline("no worker is alive")
        binding = Binding(kind, source_id, lookup_id, reply_recipient)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timings.accept / 2
        tried: frozenset[str] = frozenset()
        while (worker := self._directory.pick(but_not=tried)) is not None and (not tried or loop.time() < deadline):
            tried |= {worker.name}
            with contextlib.suppress(HandOverFailed, BadRecipient):
                order = new_order(self._producer, self._signing_key, binding, worker)
                transfer = Transfer(self._means, order, self._forget)
                self._transfers[order.upload_id] = transfer
                await transfer.open()
                return transfer
        raise HandOverFailed("no worker took the upload")

    async def _listen(self, pauses: Pauses) -> None:
        """Errors: BusError when the connection is lost."""
        queue = answers_queue(self._producer)
        await self._bus.purge(queue)
        async with self._bus.consume(queue, prefetch=_ANSWERS_PREFETCH) as answers:
            self._is_listening = True
            async for answer in answers:
                await answer.ack()
                self._hear(answer.body)
                pauses.reset()

    def _hear(self, blob: bytes) -> None:
        """Give an answer to its transfer if that transfer's own worker signed it. Late ones are dropped."""
        try:
            key, body = open_envelope_by(self._directory.keys.values(), ANSWER_CONTEXT, blob)
            answer = parse_answer(body)
        except (BadSignature, ProtocolError):
            self._notice(EventName.FORGED_MESSAGE)
            return
        transfer = self._transfers.get(answer.upload_id)
        if transfer is None:
            return
        if transfer.worker_key != key:
            self._notice(EventName.FORGED_MESSAGE)
            return
        transfer.hear(answer)

    def _forget(self, upload_id: UUID) -> None:
        self._transfers.pop(upload_id, None)

    def _stop_listening(self) -> None:
        self._is_listening = False
        for transfer in tuple(self._transfers.values()):
            transfer.fail("the broker is away")
