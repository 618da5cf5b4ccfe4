"""What the worker may write to its log: these words, counts per hour, and class names of errors."""

from enum import Enum


class Note(Enum):
    """Names for `chassis.logs.Log`."""

    STARTED = "started"
    STOPPED = "stopped"
    BUS_LOST = "bus_lost"
    STORE_LOST = "store_lost"
    STORED = "stored"
    NOT_STORED = "not_stored"
    UNCERTAIN = "uncertain"
    FORGED = "forged"
    ANSWER_LOST = "answer_lost"
    UNEXPECTED = "unexpected"
