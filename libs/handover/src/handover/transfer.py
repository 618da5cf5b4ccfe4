"""One upload on its way to a worker (docs/protocol.md, steps 5 to 9), seen from the producer.

Theory: until FINISH is sent the worker cannot store anything, because FINISH carries a MAC only the producer can
make: a failure before it is a plain failure. After it, only a verified receipt or the outcome fence says how the
upload ended. Whatever happens, an upload is never resumed and no frame is sent twice.
"""

import asyncio
import base64
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from chassis.bus import Bus, BusError
from contract.audit import EventName
from contract.errors import ProtocolError
from contract.frames import FrameKind
from contract.limits import FRAME_BYTES, WORK_TTL_MS
from contract.messages import Accept, Answer, Credit, Done, Fail, Finish, FinishedItem, ItemKind, ItemStart, Ping
from contract.topology import WORK, Route
from sealing.secrets import UploadSecret
from sealing.signing import VerifyKey, canonical

from handover.directory import Notice
from handover.errors import HandOverFailed
from handover.fence import Settler
from handover.lane import LaneWriter
from handover.order import Order
from handover.stored import ReceiptMismatch, Sent, Stored, check_stored
from handover.timings import Timings


class Transfer:
    """Begun by `HandOver.begin`. As a context manager it aborts at the end of the block unless it was finished."""

    def __init__(
        self,
        bus: Bus,
        order: Order,
        settler: Settler,
        timings: Timings,
        notice: Notice,
        on_over: Callable[[UUID], None],
    ) -> None:
        self._bus = bus
        self._order = order
        self._settler = settler
        self._timings = timings
        self._notice = notice
        self._on_over = on_over
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()  #: something a waiter may wait for has changed
        self._reason = "failed"
        self._accept: Accept | None = None
        self._done: Done | None = None
        self._lane: LaneWriter | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._heard_at = self._progress_at = self._loop.time()
        self._item = -1
        self._rest = bytearray()  #: payload that does not fill a frame yet
        self._closing: Sent | None = None  #: set just before FINISH is sent
        self._is_over = False
        self.failed = asyncio.Event()  #: set once this upload cannot succeed on its own any more

    @property
    def upload_id(self) -> UUID:
        return self._order.upload_id

    @property
    def worker_key(self) -> VerifyKey:
        """Whose answers count."""
        return self._order.worker.key

    @property
    def secret(self) -> UploadSecret:
        return self._order.secret

    async def open(self) -> None:
        """Send the work message and wait for the worker's `accept`. Errors: HandOverFailed."""
        try:
            async with asyncio.timeout(self._timings.accept):
                route = Route(WORK, self._order.worker.name)
                await self._bus.publish(route, self._order.blob, ttl_ms=WORK_TTL_MS)
                await self._until(lambda: self._accept is not None)
        except (BusError, TimeoutError, HandOverFailed):
            self._end()
            raise HandOverFailed("no worker took the upload") from None
        except BaseException:
            self._end()
            raise
        assert self._accept is not None
        self._lane = LaneWriter(
            self._bus, self.upload_id, self._accept.lane, self._accept.credit, lambda: self.fail("the broker is away")
        )
        self._progress_at = self._loop.time()
        self._watcher = asyncio.create_task(self._watch())

    async def start_item(self, kind: ItemKind, item_id: UUID) -> None:
        """The next item begins; the one before is complete. Errors: HandOverFailed."""
        await self._flush()
        self._item += 1
        await self._put(FrameKind.ITEM, canonical(ItemStart(item_id=item_id, kind=kind).body()))

    async def send(self, payload: bytes) -> None:
        """Bytes of the current item's payload, of any length. Waits for credit. Errors: HandOverFailed at once."""
        self._check()
        self._rest += payload
        while len(self._rest) >= FRAME_BYTES:
            frame = bytes(self._rest[:FRAME_BYTES])
            del self._rest[:FRAME_BYTES]
            await self._put(FrameKind.DATA, frame)

    async def finish(self, items: Sequence[FinishedItem]) -> Stored:
        """Close the upload and wait until it is stored.

        Errors: HandOverFailed (certainly not stored), NotConfirmed (not known; settled in the background).
        """
        sent = self._statement(tuple(items))
        try:
            stored = await self._finish(sent)
        except HandOverFailed:
            self._end()
            if self._closing is None:
                raise
            return await self._settler.decide(sent)
        self._end()
        return stored

    async def abort(self) -> None:
        """Give up. If FINISH is out already, the fence decides in the background. Does nothing when it is over."""
        if self._is_over:
            return
        lane = None if self.failed.is_set() else self._lane
        self._end(keep_lane=lane)
        if self._closing is not None:
            self._settler.in_background(self._closing)
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

    def hear(self, answer: Answer) -> None:
        """An answer that the chosen worker signed for this upload."""
        self._heard_at = self._loop.time()
        match answer:
            case Accept():
                self._hear_accept(answer)
            case Credit():
                self._hear_credit(answer.taken)
            case Done():
                self._hear_done(answer)
            case Fail():
                self.fail(answer.code.value)
            case Ping():
                pass
        self._moved.set()

    def fail(self, reason: str) -> None:
        """This upload cannot go on."""
        if not self.failed.is_set():
            self._reason = reason
            self.failed.set()
        self._moved.set()

    def _hear_accept(self, accept: Accept) -> None:
        """Only the first counts, only for these very bytes, and only with a lane of that worker's own."""
        is_ours = accept.lane.startswith(f"{self._order.worker.name}-")
        if accept.work_sha256 != self._order.sha256 or not is_ours:
            self._notice(EventName.FORGED_MESSAGE)
        elif self._accept is None:
            self._accept = accept

    def _hear_credit(self, taken: int) -> None:
        if self._lane is None:
            return
        try:
            if self._lane.window.take(taken):
                self._progress_at = self._loop.time()
        except ProtocolError:
            self.fail("credit for frames that were never sent")

    def _hear_done(self, done: Done) -> None:
        if self._closing is None:
            self.fail("done before the end")
        elif self._done is None:
            self._done = done

    def _statement(self, items: tuple[FinishedItem, ...]) -> Sent:
        binding, worker = self._order.binding, self._order.worker
        return Sent(self.upload_id, binding.source_id, binding.reply_recipient, worker.key, items)

    async def _finish(self, sent: Sent) -> Stored:
        """Errors: HandOverFailed, also for a receipt that does not match."""
        await self._flush()
        body = canonical(Finish(items=sent.items).body())
        mac = self.secret.finish_mac(self.upload_id.bytes, body)
        await self._put(FrameKind.FINISH, mac + body, closing=sent)
        await self._until(lambda: self._done is not None)
        assert self._done is not None
        card = self._done.source_card
        try:
            receipt_blob = base64.b64decode(self._done.receipt)
            return check_stored(sent, receipt_blob, None if card is None else base64.b64decode(card))
        except (ReceiptMismatch, ValueError):
            self._notice(EventName.RECEIPT_MISMATCH)
            raise HandOverFailed("the receipt does not match") from None

    async def _flush(self) -> None:
        rest, self._rest = bytes(self._rest), bytearray()
        if rest:
            await self._put(FrameKind.DATA, rest)

    async def _put(self, kind: FrameKind, body: bytes, closing: Sent | None = None) -> None:
        lane = self._lane
        if lane is None or self._is_over:
            raise HandOverFailed("not under way")
        self._check()
        await self._until(lambda: lane.window.has_room)
        self._closing = closing or self._closing
        self._progress_at = self._loop.time() if closing or lane.window.is_settled else self._progress_at
        lane.put(kind, max(self._item, 0), body)

    def _check(self) -> None:
        if self.failed.is_set():
            raise HandOverFailed(self._reason)

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Errors: HandOverFailed as soon as the upload fails."""
        while not is_so():
            self._check()
            self._moved.clear()
            await self._moved.wait()

    async def _watch(self) -> None:
        """Pings, and notices a worker that fell silent or only pretends to work."""
        lane, timings = self._lane, self._timings
        assert lane is not None
        tick = min(timings.ping, timings.silence) / 4
        while not self.failed.is_set():
            await asyncio.sleep(tick)
            now = self._loop.time()
            if now - self._heard_at > timings.silence:
                self.fail("the worker is silent")
            elif now - self._progress_at > timings.stall and not (lane.window.is_settled and self._closing is None):
                self.fail("the worker makes no progress")
            elif self._closing is None and now - lane.sent_at >= timings.ping - tick:
                lane.ping()

    def _end(self, keep_lane: LaneWriter | None = None) -> None:
        """Nothing is sent or heard any more, except what the caller still has to say in a lane it keeps."""
        if self._is_over:
            return
        self._is_over = True
        self.failed.set()
        self._moved.set()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._lane is not None and keep_lane is None:
            self._lane.close()
        self._on_over(self.upload_id)
