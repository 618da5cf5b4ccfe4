"""The checker sees each violation there is. A harness that cannot fail proves nothing."""

from dataclasses import replace

import pytest

from tests.faults.checker import FinalState, StoredItem, leftovers, violations
from tests.faults.history import Answer, Attempt, History, Part, part

MESSAGE = part("message", None, b"Look at page nine.")
FILE = part("file", "nine.pdf", b"%PDF")
OTHER = part("file", "nine.pdf", b"%PDF, altered")


def history(*answers: Answer, source: str = "visit 1") -> History:
    """One form, sent as often as there are answers."""
    return History([Attempt("a kill", source, f"form of {source}", (MESSAGE, FILE), answer) for answer in answers])


def stored(*parts: Part, submission: str = "s1", source: str = "source 1", first: int = 1) -> tuple[StoredItem, ...]:
    return tuple(StoredItem(source, submission, position, made) for position, made in enumerate(parts, first))


def state(*items: StoredItem, sources: tuple[str, ...] = ("source 1",)) -> FinalState:
    return FinalState(sources, items)


WHOLE = state(*stored(MESSAGE, FILE))
TWICE = state(*stored(MESSAGE, FILE), *stored(MESSAGE, FILE, submission="s2", first=3))
NOTHING = FinalState((), ())


@pytest.mark.parametrize(
    ("answers", "final"),
    [
        ([Answer.RECEIVED], WHOLE),
        ([Answer.NOT_CONFIRMED, Answer.REPEATED], WHOLE),
        ([Answer.NOT_RECEIVED, Answer.RECEIVED], WHOLE),
        ([Answer.NOT_RECEIVED], NOTHING),
        ([Answer.NOT_CONFIRMED], NOTHING),
        ([Answer.NOT_CONFIRMED], WHOLE),
        ([Answer.SILENCE], NOTHING),
        ([Answer.SILENCE], WHOLE),
    ],
)
def test_kept_promises_are_no_violation(answers: list[Answer], final: FinalState) -> None:
    assert violations(history(*answers), final) == []


@pytest.mark.parametrize(
    ("answers", "final", "expected"),
    [
        ([Answer.RECEIVED], NOTHING, "missing"),
        ([Answer.REPEATED], NOTHING, "missing"),
        ([Answer.RECEIVED], state(*stored(MESSAGE, OTHER)), "missing or different"),
        ([Answer.RECEIVED], state(*stored(FILE, MESSAGE)), "missing or different"),
        ([Answer.RECEIVED], TWICE, "2 times"),
        ([Answer.SILENCE], TWICE, "2 times"),
        ([Answer.NOT_RECEIVED], WHOLE, "told that it was not"),
        ([Answer.NOT_RECEIVED, Answer.NOT_RECEIVED], WHOLE, "told that it was not"),
        ([Answer.SILENCE], state(*stored(MESSAGE)), "partial"),
        ([Answer.SILENCE], state(*stored(MESSAGE, OTHER)), "altered"),
        ([Answer.NOT_RECEIVED], state(), "without a submission"),
        ([Answer.RECEIVED], state(*stored(MESSAGE, FILE, first=2)), "positions are [2, 3]"),
        ([Answer.RECEIVED], state(*stored(MESSAGE, FILE), sources=()), "no source"),
        ([Answer.OTHER], NOTHING, "neither"),
        ([Answer.RECEIVED], replace(WHOLE, flaws=("does not open",)), "does not open"),
    ],
)
def test_a_planted_violation_is_found(answers: list[Answer], final: FinalState, expected: str) -> None:
    found = violations(history(*answers), final)

    assert any(expected in line for line in found), found


def test_a_visit_stored_under_two_sources_is_found() -> None:
    sent = history(Answer.RECEIVED)
    sent.add(Attempt("later", "visit 1", "form 2", (OTHER,), Answer.RECEIVED))
    final = state(
        *stored(MESSAGE, FILE), *stored(OTHER, submission="s2", source="source 2"), sources=("source 1", "source 2")
    )

    assert "two sources" in violations(sent, final)[0]


def test_two_visits_stored_under_one_source_are_found() -> None:
    sent = history(Answer.RECEIVED)
    sent.add(Attempt("later", "visit 2", "form 2", (OTHER,), Answer.RECEIVED))

    assert (
        "under one source"
        in violations(sent, state(*stored(MESSAGE, FILE), *stored(OTHER, submission="s2", first=3)))[0]
    )


def test_what_the_sweep_left_is_found() -> None:
    assert leftovers(replace(WHOLE, pending_uploads=1, orphan_chunks=4)) == [
        "4 chunks without an item",
        "1 uploads still pending",
    ]
    assert leftovers(WHOLE) == []
