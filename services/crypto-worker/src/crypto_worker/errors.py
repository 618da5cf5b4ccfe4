"""Errors of the worker. A text never quotes an input."""

from contract.messages import FailCode


class WorkerError(Exception):
    """Base of everything this room raises."""


class KeysetRefused(WorkerError):
    """The keyset is missing, unsigned, older than one seen before, or not usable. The worker does not start."""


class Forged(WorkerError):
    """A work message no producer meant for this moment: dropped without an answer, and reported."""


class Failed(WorkerError):
    """This upload is not stored. `code` is what the producer is told."""

    def __init__(self, code: FailCode, text: str) -> None:
        super().__init__(text)
        self.code = code


class Broken(Failed):
    """Frames are missing, repeated, out of order, or not what was announced."""

    def __init__(self, text: str) -> None:
        super().__init__(FailCode.BROKEN, text)


class Altered(Broken):
    """A tag or MAC does not verify: somebody changed bytes on the way. Reported."""


class Abandoned(WorkerError):
    """The producer gave this upload up. Nobody waits for an answer."""


class StoreError(WorkerError):
    """The vault failed; what was under way is certainly not committed."""


class OutcomeUnknown(WorkerError):
    """The connection was lost at COMMIT: stored or not, only the outcome fence can tell."""
