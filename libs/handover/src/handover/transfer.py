"""One upload on its way to a worker (docs/protocol.md, steps 5 to 9), seen from the producer.

Theory: until FINISH is sent the worker cannot store anything, because FINISH carries a MAC only the producer can
make: a failure before it is a plain failure. After it, only a verified receipt or the outcome fence says how the
upload ended. Whatever happens, an upload is never resumed and no frame is sent twice.
"""

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from chassis.bus import Bus, BusError
from contract.audit import EventName
from contract.frames import FrameKind
from contract.limits import FRAME_BYTES, WORK_TTL_MS
from contract.messages import Answer, Finish, FinishedItem, ItemKind, ItemStart
from contract.topology import WORK, Route
from sealing.secrets import UploadSecret
from sealing.signing import VerifyKey, canonical

from handover.directory import Notice
from handover.errors import HandOverFailed
from handover.fence import Settler
from handover.hearing import Hearing
from handover.lane import LaneWriter
from handover.order import Order
from handover.stored import ReceiptMismatch, Sent, Stored, check_stored
from handover.timings import Timings


@dataclass(frozen=True, slots=True)
class Means:
    """What all transfers of one producer share."""

    bus: Bus
    settler: Settler
    timings: Timings
    notice: Notice


class Transfer:
    """Begun by `HandOver.begin`. As a context manager it aborts at the end of the block unless it was finished."""

    def __init__(self, means: Means, order: Order, on_over: Callable[[UUID], None]) -> None:
        self._means = means
        self._order = order
        self._on_over = on_over
        self._hearing = Hearing(order, means.timings, means.notice)
        self._lane: LaneWriter | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._item = -1
        self._rest = bytearray()  #: payload that does not fill a frame yet
        self._closing: Sent | None = None  #: set just before FINISH is sent
        self._is_over = False

    @property
    def upload_id(self) -> UUID:
        return self._order.upload_id

    @property
    def secret(self) -> UploadSecret:
        return self._order.secret

    @property
    def failed(self) -> asyncio.Event:
        """Set once this upload cannot succeed on its own any more, also while nobody sends."""
        return self._hearing.failed

    @property
    def worker_key(self) -> VerifyKey:
        """Whose answers count."""
        return self._order.worker.key

    def hear(self, answer: Answer) -> None:
        """An answer that this worker signed for this upload."""
        self._hearing.hear(answer)

    def fail(self, reason: str) -> None:
        """This upload cannot go on."""
        self._hearing.fail(reason)

    async def open(self) -> None:
        """Send the work message and wait for the worker's `accept`. Errors: HandOverFailed."""
        try:
            await self._ask()
        except (BusError, TimeoutError, HandOverFailed):
            self.fail("not taken")
            self._end()
            raise HandOverFailed("no worker took the upload") from None
        except BaseException:
            self._end()
            raise
        self._watcher = asyncio.create_task(self._watch())

    async def start_item(self, kind: ItemKind, item_id: UUID) -> None:
        """The next item begins; the one before is complete. Errors: HandOverFailed."""
        await self._flush()
        self._item += 1
        await self._put(FrameKind.ITEM, canonical(ItemStart(item_id=item_id, kind=kind).body()))

    async def send(self, payload: bytes) -> None:
        """Bytes of the current item's payload, of any length. Waits for credit. Errors: HandOverFailed at once."""
        self._hearing.check()
        self._rest += payload
        while len(self._rest) >= FRAME_BYTES:
            frame = bytes(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
            await self._put(FrameKind.DATA, frame)

    async def finish(self, items: Sequence[FinishedItem]) -> Stored:
        """Close the upload and wait until it is stored.

        Errors: HandOverFailed (certainly not stored), NotConfirmed (not known; settled in the background).
        """
        binding = self._order.binding
        sent = Sent(self.upload_id, binding.source_id, binding.reply_recipient, self.worker_key, tuple(items))
        try:
            stored = await self._finish(sent)
        except HandOverFailed:
            self.fail("not confirmed")
            self._end()
            if self._closing is None:
                raise
            return await self._means.settler.decide(sent)
        self._end()
        return stored

    async def abort(self) -> None:
        """Give up. If FINISH is out already, the fence decides in the background. Does nothing when it is over."""
        if self._is_over:
            return
        lane = None if self.failed.is_set() else self._lane
        self.fail("given up")
        self._end(keep_lane=lane)
        if self._closing is not None:
            self._means.settler.in_background(self._closing)
        elif lane is not None:
            await lane.abort()
        if lane is not None:
            lane.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.abort()

    async def _ask(self) -> None:
        """Errors: BusError, TimeoutError, HandOverFailed."""
        hearing, bus = self._hearing, self._means.bus
        async with asyncio.timeout(self._means.timings.accept):
            await bus.publish(Route(WORK, self._order.worker.name), self._order.blob, ttl_ms=WORK_TTL_MS)
            await hearing.until(lambda: hearing.accept is not None)
        assert hearing.accept is not None
        lane, credit = hearing.accept.lane, hearing.accept.credit
        self._lane = LaneWriter(bus, self.upload_id, lane, credit, lambda: self.fail("the broker is away"))
        hearing.window = self._lane.window

    async def _finish(self, sent: Sent) -> Stored:
        """Errors: HandOverFailed, also for a receipt that does not match."""
        hearing = self._hearing
        await self._flush()
        body = canonical(Finish(items=sent.items).body())
        mac = self.secret.finish_mac(self.upload_id.bytes, body)
        await self._put(FrameKind.FINISH, mac + body, closing=sent)
        await hearing.until(lambda: hearing.done is not None)
        assert hearing.done is not None
        receipt, card = hearing.done.receipt, hearing.done.source_card
        try:
            return check_stored(sent, base64.b64decode(receipt), None if card is None else base64.b64decode(card))
        except (ReceiptMismatch, ValueError):
            self._means.notice(EventName.RECEIPT_MISMATCH)
            raise HandOverFailed("the receipt does not match") from None

    async def _flush(self) -> None:
        rest, self._rest = bytes(self._rest), bytearray()
        if rest:
            await self._put(FrameKind.DATA, rest)

    async def _put(self, kind: FrameKind, body: bytes, closing: Sent | None = None) -> None:
        """Waits for room. With `closing` it is the last frame: from here on the upload may be stored."""
        lane, hearing = self._lane, self._hearing
        if lane is None or self._is_over or self._closing is not None:
            raise HandOverFailed("not under way")
        hearing.check()
        await hearing.until(lambda: lane.window.has_room)
        if lane.window.is_settled or closing is not None:
            hearing.note_progress()
        self._closing, hearing.is_finishing = closing, closing is not None
        lane.put(kind, max(self._item, 0), body)

    async def _watch(self) -> None:
        """Pings, and notices a worker that fell silent or only pretends to work."""
        lane, timings, loop = self._lane, self._means.timings, asyncio.get_running_loop()
        assert lane is not None
        tick = min(timings.ping, timings.silence) / 4
        while not self.failed.is_set():
            await asyncio.sleep(tick)
            complaint = self._hearing.complaint()
            if complaint is not None:
                self.fail(complaint)
            elif self._closing is None and loop.time() - lane.sent_at >= timings.ping - tick:
                lane.ping()

    def _end(self, keep_lane: LaneWriter | None = None) -> None:
        """Nothing is sent or heard any more, except what the caller still has to say in a lane it keeps."""
        if self._is_over:
            return
        self._is_over = True
        if self._watcher is not None:
            self._watcher.cancel()
        if self._lane is not None and keep_lane is None:
            self._lane.close()
        self._on_over(self.upload_id)
