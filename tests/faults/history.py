"""What sources did and what they were told: one line per post, with hashes instead of contents. Pure.

Theory: the checker believes nobody's memory but this. A history holds what left the source's hands and what the page
said, or that it said nothing; what is true of the vault is read afterwards and from the vault alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256

from tests.stack.people import SourceFile


class Answer(Enum):
    """What the source was told."""

    RECEIVED = "received"
    REPEATED = "received before"
    NOT_RECEIVED = "not received"
    NOT_CONFIRMED = "not confirmed"
    SILENCE = "no answer"
    OTHER = "a page that says none of these"


ACKNOWLEDGED = frozenset({Answer.RECEIVED, Answer.REPEATED})


@dataclass(frozen=True, slots=True)
class Part:
    """One item as the source knows it. `name` is the file's; `sha256` that of the content, hexadecimal."""

    kind: str
    name: str | None
    sha256: str


def part(kind: str, name: str | None, content: bytes) -> Part:
    return Part(kind, name, sha256(content).hexdigest())


def parts_of(message: str, files: Iterable[SourceFile]) -> tuple[Part, ...]:
    """What is stored when this is received, in this order."""
    texts = [part("message", None, message.encode())] if message else []
    return (*texts, *(part("file", file.name, b"".join(file.blocks())) for file in files))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post. Attempts with the same `form` sent the same; `source` tells one visit from another."""

    where: str  #: for who reads a violation: "worker killed at frames"
    source: str
    form: str
    parts: tuple[Part, ...]
    answer: Answer


@dataclass(slots=True)
class History:
    """All attempts, in the order of their answers."""

    attempts: list[Attempt] = field(default_factory=list)

    def add(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def by_form(self) -> dict[str, list[Attempt]]:
        forms: dict[str, list[Attempt]] = defaultdict(list)
        for attempt in self.attempts:
            forms[attempt.form].append(attempt)
        return forms
