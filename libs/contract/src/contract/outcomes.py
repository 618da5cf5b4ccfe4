"""The outcome fence (docs/protocol.md, steps 7 and 9): exactly one of two words is ever written for an upload."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an upload. The database's primary key lets one of them win."""

    STORED = "stored"
    GIVEN_UP = "given_up"
