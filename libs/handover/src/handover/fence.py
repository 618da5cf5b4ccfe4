"""The outcome fence, from the producer's side (docs/protocol.md, steps 7 and 9).

Theory: exactly one of `stored` and `given_up` is ever written for an upload. A producer that does not know how its
upload ended tries to write `given_up`; either that wins and the upload can never be stored, or it learns the receipt.
"""

import asyncio
from typing import Protocol
from uuid import UUID

from contract.audit import EventName

from handover.directory import Notice
from handover.errors import FenceUnavailable, HandOverFailed, NotConfirmed
from handover.pauses import Pauses
from handover.stored import ReceiptMismatch, Sent, Stored, check_stored
from handover.timings import Timings


class OutcomeFence(Protocol):
    """The producer's database function."""

    async def give_up(self, upload_id: UUID) -> bytes | None:
        """None: given up, it will never be stored. Else the stored receipt. Errors: FenceUnavailable."""


class Settler:
    """Decides uploads whose end was not heard."""

    def __init__(self, fence: OutcomeFence, timings: Timings, notice: Notice) -> None:
        self._fence = fence
        self._timings = timings
        self._notice = notice
        self._tasks: set[asyncio.Task[Stored | None]] = set()

    async def decide(self, sent: Sent) -> Stored:
        """Stored after all. Errors: HandOverFailed (certainly not), NotConfirmed (goes on in the background)."""
        try:
            stored = await self._ask(sent)
        except FenceUnavailable:
            raise NotConfirmed("the outcome is not known yet", self.in_background(sent)) from None
        except asyncio.CancelledError:
            self.in_background(sent)
            raise
        except ReceiptMismatch:
            raise NotConfirmed("something else was stored than what was sent") from None
        if stored is None:
            raise HandOverFailed("given up")
        return stored

    def in_background(self, sent: Sent) -> asyncio.Task[Stored | None]:
        """Asks until there is an answer. None: given up. Its error: NotConfirmed, something else was stored."""
        task = asyncio.create_task(self._keep_asking(sent))
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Stored | None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: whoever sends the form again is told; nobody has to

    async def close(self) -> None:
        """Stop asking."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep_asking(self, sent: Sent) -> Stored | None:
        pauses = Pauses(self._timings)
        while True:
            try:
                return await self._ask(sent)
            except FenceUnavailable:
                await asyncio.sleep(pauses.next())
            except ReceiptMismatch:
                raise NotConfirmed("something else was stored than what was sent") from None

    async def _ask(self, sent: Sent) -> Stored | None:
        """Errors: FenceUnavailable, ReceiptMismatch."""
        try:
            async with asyncio.timeout(self._timings.silence):
                receipt = await self._fence.give_up(sent.upload_id)
        except TimeoutError:
            raise FenceUnavailable("no answer in time") from None
        if receipt is None:
            return None
        try:
            return check_stored(sent, receipt, None)
        except ReceiptMismatch:
            self._notice(EventName.RECEIPT_MISMATCH)
            raise
