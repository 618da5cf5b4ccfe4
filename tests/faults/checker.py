"""Decides from a history and the final state whether the promises were kept. Pure.

acknowledged            stored exactly once, every part as it was sent, in its order
said "not received"     not stored
not confirmed, silence  stored whole and once, or not at all
anything else stored    a violation: altered, partial, or from nobody
a source                has at least one submission; one visit, one source; positions 1 to n
after the sweep         no chunk without an item, no upload still pending
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.faults.history import ACKNOWLEDGED, Answer, Attempt, History, Part

Parts = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class StoredItem:
    """One item of the vault, opened."""

    source_id: str
    submission_id: str
    position: int
    part: Part


@dataclass(frozen=True, slots=True)
class FinalState:
    """The vault when all is over. `flaws`: what could not be opened or verified, in words."""

    sources: tuple[str, ...]
    items: tuple[StoredItem, ...]
    flaws: tuple[str, ...] = ()
    pending_uploads: int = 0
    orphan_chunks: int = 0


@dataclass(frozen=True, slots=True)
class _Submission:
    source_id: str
    parts: Parts


def violations(history: History, state: FinalState) -> list[str]:
    """Every broken promise, in words; none is what a test wants."""
    submissions = _submissions(state)
    found = [*state.flaws, *_unowned(history, submissions), *_sources(state), *_visits(history, submissions)]
    for attempts in history.by_form().values():
        found += _form(attempts, [made for made in submissions if made.parts == attempts[0].parts])
    return found


def leftovers(state: FinalState) -> list[str]:
    """What the sweep should have taken by now."""
    counts = {"chunks without an item": state.orphan_chunks, "uploads still pending": state.pending_uploads}
    return [f"{count} {what}" for what, count in counts.items() if count]


def _submissions(state: FinalState) -> list[_Submission]:
    grouped: dict[str, list[StoredItem]] = defaultdict(list)
    for item in sorted(state.items, key=lambda item: item.position):
        grouped[item.submission_id].append(item)
    return [_Submission(items[0].source_id, tuple(item.part for item in items)) for items in grouped.values()]


def _form(attempts: Sequence[Attempt], stored: Sequence[_Submission]) -> Iterator[str]:
    """One form, however often it was sent."""
    where = ", then ".join(attempt.where for attempt in attempts)
    answers = {attempt.answer for attempt in attempts}
    if len({attempt.parts for attempt in attempts}) > 1:
        yield f"{where}: one form sent different contents; the history is wrong"
    if Answer.OTHER in answers:
        yield f"{where}: the page says neither received nor not received"
    if answers & ACKNOWLEDGED and not stored:
        yield f"{where}: acknowledged, but missing or different"
    if answers == {Answer.NOT_RECEIVED} and stored:
        yield f"{where}: stored, but the source was told that it was not"
    if len(stored) > 1:
        yield f"{where}: stored {len(stored)} times"


def _unowned(history: History, submissions: Sequence[_Submission]) -> Iterator[str]:
    sent = {attempt.parts for attempt in history.attempts}
    for submission in submissions:
        if submission.parts not in sent:
            kinds = "+".join(part.kind for part in submission.parts)
            yield f"a submission is stored that nobody sent like this: altered, partial or made up ({kinds})"


def _sources(state: FinalState) -> Iterator[str]:
    positions: Mapping[str, list[int]] = {source: [] for source in state.sources}
    for item in state.items:
        if item.source_id in positions:
            positions[item.source_id].append(item.position)
        else:
            yield "an item belongs to no source"
    for taken in positions.values():
        if not taken:
            yield "a source exists without a submission"
        elif sorted(taken) != list(range(1, len(taken) + 1)):
            yield f"a source's positions are {sorted(taken)}"


def _visits(history: History, submissions: Sequence[_Submission]) -> Iterator[str]:
    """A visit is one source, and nobody else's."""
    visits = {attempt.parts: attempt.source for attempt in history.attempts}
    pairs = {(visits[made.parts], made.source_id) for made in submissions if made.parts in visits}
    if len({visit for visit, _ in pairs}) < len(pairs):
        yield "what one visit sent is stored under two sources"
    if len({source_id for _, source_id in pairs}) < len(pairs):
        yield "what two visits sent is stored under one source"
