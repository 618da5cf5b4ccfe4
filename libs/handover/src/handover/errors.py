"""Errors of the hand-over, as its callers act on them."""

import asyncio

from handover.stored import Stored


class HandOverError(Exception):
    """Base of everything this room raises."""


class Offline(HandOverError):
    """No worker is alive. Nothing was begun."""


class HandOverFailed(HandOverError):
    """Certainly not stored. The sender may try again."""


class FenceUnavailable(HandOverError):
    """The outcome fence could not be asked. Raised by implementations of `OutcomeFence`."""


class NotConfirmed(HandOverError):
    """Stored or not: nobody knows yet. `settlement` goes on asking; its result is None for "not stored"."""

    def __init__(self, text: str, settlement: "asyncio.Task[Stored | None] | None" = None) -> None:
        super().__init__(text)
        self.settlement = settlement
