"""Why a post is not accepted. Each reason has one page, one status and one line in the status frame."""

from enum import Enum
from typing import Final


class Reason(Enum):
    """A reason is all that is ever said, logged or counted of a refusal."""

    CLOSED = "closed"
    BUSY = "busy"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    EMPTY = "empty"
    EXPIRED = "expired"
    MALFORMED = "malformed"
    SUPERSEDED = "superseded"
    NOT_RECEIVED = "not_received"
    NOT_CONFIRMED = "not_confirmed"


STATUS: Final = {
    Reason.CLOSED: 503,
    Reason.BUSY: 503,
    Reason.TOO_LARGE: 413,
    Reason.TOO_LONG: 413,
    Reason.TOO_MANY: 413,
    Reason.EMPTY: 400,
    Reason.EXPIRED: 403,
    Reason.MALFORMED: 400,
    Reason.SUPERSEDED: 409,
    Reason.NOT_RECEIVED: 503,
    Reason.NOT_CONFIRMED: 503,
}


class Refusal(Exception):
    """Nothing of this post is kept; with NOT_CONFIRMED it is not known yet whether it is."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
