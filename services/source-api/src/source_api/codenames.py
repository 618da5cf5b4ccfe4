"""What can be said of a typed codename before any key is derived from it. Pure; never repeats what was typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sealing.codename import normalise, unknown_word, words_needed
from sealing.errors import BadCodename


class Fault(Enum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_WORD = "unknown_word"
    WORD_COUNT = "word_count"


@dataclass(frozen=True, slots=True)
class CodenameFault:
    """`number`: which word is not in the list, counted from 1; or how many words there were."""

    fault: Fault
    number: int = 0


def fault_of(text: str, words: Sequence[str]) -> CodenameFault | None:
    """Why this cannot be a codename drawn from this list; None if it could be."""
    try:
        count = len(normalise(text).split())
        unknown = unknown_word(text, words)
    except BadCodename:
        return CodenameFault(Fault.TOO_LONG)
    if count == 0:
        return CodenameFault(Fault.EMPTY)
    if unknown is not None:
        return CodenameFault(Fault.UNKNOWN_WORD, unknown)
    if count != words_needed(len(words)):
        return CodenameFault(Fault.WORD_COUNT, count)
    return None
