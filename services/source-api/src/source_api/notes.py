"""What source-api may write to its log. What concerns sources is counted by the hour and never more than that."""

from enum import Enum


class Note(Enum):
    """Of the process."""

    STARTED = "started"
    OPEN = "open"
    NOT_OPEN = "not_open"
    KEYSET_LOADED = "keyset_loaded"
    KEYSET_REFUSED = "keyset_refused"
    STOPPED = "stopped"
    UNEXPECTED = "unexpected_error"


class Count(Enum):
    """Counted per hour."""

    REFUSED_POST = "refused_post"
    UNREADABLE_REPLY = "unreadable_reply"
