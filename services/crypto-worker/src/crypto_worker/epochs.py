"""Epoch keys: what producers seal an upload's secret to, for a few minutes (docs/protocol.md, step 4).

Theory: the private half lives in this process only and is forgotten on schedule, so that frames and work messages
somebody recorded stay shut even if this machine is taken later. A work message names its epoch, and an epoch remembers
which uploads were asked for under it: with the epoch gone no copy of such a message can be of use.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from contract.limits import EPOCH_GRACE_SECONDS, EPOCH_SECONDS
from sealing.epoch import EpochKey


@dataclass(slots=True, repr=False, eq=False)
class Epoch:
    """One key and the uploads asked for under it. `born` is monotonic seconds."""

    born: float
    id: UUID = field(default_factory=uuid4)
    key: EpochKey = field(default_factory=EpochKey.generate)
    seen: set[UUID] = field(default_factory=set)


class Epochs:
    """The current epoch and those in their grace time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._epochs: list[Epoch] = []

    def current(self) -> Epoch:
        """The epoch to announce: a new one when the last is EPOCH_SECONDS old. Forgets what is past its grace."""
        self._forget()
        now = self._monotonic()
        if not self._epochs or now - self._epochs[-1].born >= EPOCH_SECONDS:
            self._epochs.append(Epoch(now))
        return self._epochs[-1]

    def find(self, epoch_id: UUID) -> Epoch | None:
        """An epoch that still counts, or None."""
        self._forget()
        return next((epoch for epoch in self._epochs if epoch.id == epoch_id), None)

    def _forget(self) -> None:
        oldest = self._monotonic() - EPOCH_SECONDS - EPOCH_GRACE_SECONDS
        self._epochs = [epoch for epoch in self._epochs if epoch.born > oldest]
