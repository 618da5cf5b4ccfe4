"""How far one form's upload is: written by intake, read by the status frame. In memory, for the source's eyes only."""

import asyncio
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from source_api.refusals import Reason

TENTHS: Final = 10
_STEP_BYTES: Final = 10_000_000  #: of a line when the total is not known


class Stage(Enum):
    WAITING = "waiting"  #: for "Send" to be pressed
    RECEIVING = "receiving"
    STORING = "storing"  #: all bytes are here; the worker has not answered yet
    RECEIVED = "received"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a line of the status frame is made of. `step` counts tenths, or tens of megabytes without a total."""

    stage: Stage
    step: int
    has_total: bool
    reason: Reason | None
    round: int  #: how often the form was sent


class Progress:
    """One form's state; `wait` returns when a reader would see something new."""

    def __init__(self) -> None:
        self._now = Snapshot(Stage.WAITING, 0, False, None, 0)
        self._changed = asyncio.Event()

    @property
    def snapshot(self) -> Snapshot:
        return self._now

    def begin(self, total: int | None) -> "Entry":
        """A post of this form arrives; `total` is its Content-Length. An earlier post's entry is mute from now on."""
        self._set(Snapshot(Stage.RECEIVING, 0, bool(total), None, self._now.round + 1))
        return Entry(self, self._now.round, total)

    def write(self, snapshot: Snapshot) -> None:
        """For `Entry`: news of the newest round; those of an older one are dropped."""
        if snapshot.round == self._now.round and snapshot != self._now:
            self._set(snapshot)

    async def wait(self, seen: Snapshot, seconds: float) -> Snapshot:
        """The state, as soon as it is another than `seen`, at the latest after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self._now == seen:
                    changed = self._changed
                    await changed.wait()
        except TimeoutError:
            pass
        return self._now

    def _set(self, snapshot: Snapshot) -> None:
        self._now = snapshot
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class Entry:
    """The pen of one post."""

    def __init__(self, progress: Progress, number: int, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self._received = 0
        self._now = Snapshot(Stage.RECEIVING, 0, bool(total), None, number)

    def count(self, byte_count: int) -> None:
        """So many more bytes are here."""
        self._received += byte_count
        step = self._received * TENTHS // self._total if self._total else self._received // _STEP_BYTES
        if self._now.stage is Stage.RECEIVING:
            self._write(replace(self._now, step=step))

    def note(self, stage: Stage, reason: Reason | None = None) -> None:
        """A new stage."""
        self._write(replace(self._now, stage=stage, reason=reason))

    def _write(self, snapshot: Snapshot) -> None:
        self._now = snapshot
        self._progress.write(snapshot)
