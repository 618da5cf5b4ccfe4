"""Everything this service writes to its own log."""

from enum import Enum


class Note(Enum):
    """Names of log lines."""

    STARTED = "started"
    STOPPED = "stopped"
    UNEXPECTED = "unexpected_error"
