"""Frames of one upload into its lane, in order and within the credit.

Theory: every frame's publish runs as a task of its own, so that confirmations overlap; the bus keeps the order in
which they start. A frame that was not confirmed ends the upload: nothing is sent twice.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

from chassis.bus import Bus, BusError
from contract.frames import Frame, FrameKind
from contract.topology import LANES, Route

from handover.credit import CreditWindow

_ABORT_SECONDS: Final = 1.0


class LaneWriter:
    """The sending end of one lane. `on_lost` is called when a frame could not be handed to the broker."""

    def __init__(self, bus: Bus, upload_id: UUID, lane: str, credit: int, on_lost: Callable[[], None]) -> None:
        self._bus = bus
        self._upload_id = upload_id
        self._route = Route(LANES, lane)
        self._on_lost = on_lost
        self._publishing: set[asyncio.Task[None]] = set()
        self.window = CreditWindow(credit)
        self.sent_at = asyncio.get_running_loop().time()

    def put(self, kind: FrameKind, item: int, body: bytes = b"") -> asyncio.Task[None]:
        """Start to send the next frame. The caller has seen that the window has room."""
        loop = asyncio.get_running_loop()
        frame = Frame(self._upload_id, self.window.next_number(), kind, item, body)
        task = loop.create_task(self._bus.publish(self._route, frame.encode()))
        self._publishing.add(task)
        task.add_done_callback(self._on_published)
        self.sent_at = loop.time()
        return task

    def ping(self) -> None:
        """Say that we live, if there is room: with none, it is the worker who must speak."""
        if self.window.has_room:
            self.put(FrameKind.PING, 0)

    async def abort(self) -> None:
        """Tell the worker that nothing more comes, and not to wait. It needs no credit: it ends the upload anyway."""
        task = self.put(FrameKind.ABORT, 0)
        with suppress(BusError, TimeoutError):
            await asyncio.wait_for(task, _ABORT_SECONDS)

    def close(self) -> None:
        """Forget frames that are still under way."""
        for task in self._publishing:
            task.cancel()

    def _on_published(self, task: asyncio.Task[None]) -> None:
        self._publishing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._on_lost()
