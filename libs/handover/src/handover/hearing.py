"""What a producer has heard about one upload from the worker that took it. No I/O; its clock is the event loop's."""

import asyncio
from collections.abc import Callable

from contract.audit import EventName
from contract.errors import ProtocolError
from contract.messages import Accept, Answer, Credit, Done, Fail, Ping

from handover.credit import CreditWindow
from handover.directory import Notice
from handover.errors import HandOverFailed
from handover.order import Order
from handover.timings import Timings


class Hearing:
    """Answers come in through `hear`; who needs one waits with `until`."""

    def __init__(self, order: Order, timings: Timings, notice: Notice) -> None:
        self._order = order
        self._timings = timings
        self._notice = notice
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()  #: something a waiter may wait for has changed
        self._reason = "failed"
        self._heard_at = self._progress_at = self._loop.time()
        self.accept: Accept | None = None
        self.done: Done | None = None
        self.window: CreditWindow | None = None  #: of the lane, once there is one
        self.is_finishing = False  #: FINISH is out: `done` may come
        self.failed = asyncio.Event()

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

    def check(self) -> None:
        """Errors: HandOverFailed if it has failed."""
        if self.failed.is_set():
            raise HandOverFailed(self._reason)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Errors: HandOverFailed as soon as the upload fails."""
        while not is_so():
            self.check()
            self._moved.clear()
            await self._moved.wait()

    def note_progress(self) -> None:
        """From now on the worker owes us something: its time begins."""
        self._progress_at = self._loop.time()

    def complaint(self) -> str | None:
        """Why the worker must be taken for dead, if it must."""
        now = self._loop.time()
        owes = self.is_finishing or (self.window is not None and not self.window.is_settled)
        if now - self._heard_at > self._timings.silence:
            return "the worker is silent"
        if owes and now - self._progress_at > self._timings.stall:
            return "the worker makes no progress"
        return None

    def _hear_accept(self, accept: Accept) -> None:
        """Only the first counts, only for these very bytes, and only with a lane of that worker's own."""
        is_ours = accept.lane.startswith(f"{self._order.worker.name}-")
        if accept.work_sha256 != self._order.sha256 or not is_ours:
            self._notice(EventName.FORGED_MESSAGE)
        elif self.accept is None:
            self.accept = accept

    def _hear_credit(self, taken: int) -> None:
        try:
            if self.window is not None and self.window.take(taken):
                self.note_progress()
        except ProtocolError:
            self.fail("credit for frames that were never sent")

    def _hear_done(self, done: Done) -> None:
        if not self.is_finishing:
            self.fail("done before the end")
        elif self.done is None:
            self.done = done
