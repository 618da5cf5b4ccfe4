"""A protocol with one rule less breaks a promise, and the search finds it. So the search can find something."""

import dataclasses

import pytest

from tests.model.explore import explore
from tests.model.rules import Rules
from tests.model.world import Faults, World, begin

A_CRASH = begin(1, 1, Faults(crashes=1))
A_TRICK = begin(1, 1, Faults(tricks=1))
A_CUT_AND_A_RETRY = begin(1, 2, Faults(cuts=1))

#: The rule that is missing, where it is missed, and which promise is broken first.
MUTATIONS = (
    ("silence_ends_an_upload", A_TRICK, "every_run_can_end"),
    ("finish_has_a_mac", A_TRICK, "visible_is_whole"),
    ("frames_are_numbered", A_TRICK, "visible_is_whole"),
    ("source_row_comes_with_the_commit", A_CRASH, "source_comes_with_a_submission"),
    ("commit_requires_the_pending_row", A_CRASH, "visible_is_whole"),
    ("commit_counts_chunks", A_CRASH, "visible_is_whole"),
    ("commit_waits_for_the_disk", A_CRASH, "acknowledged_is_stored_whole"),
    ("done_follows_the_commit", A_CRASH, "acknowledged_is_stored_whole"),
    ("failure_after_finish_asks_the_fence", A_CRASH, "not_received_is_never_visible"),
    ("fail_after_finish_is_not_believed", A_TRICK, "not_received_is_never_visible"),
    ("fence_is_asked_before_telling", A_CRASH, "not_received_is_never_visible"),
    ("commit_respects_the_fence", A_CRASH, "not_received_is_never_visible"),
    ("retry_waits_for_the_outcome", A_CUT_AND_A_RETRY, "form_is_stored_at_most_once"),
    ("chunks_need_a_pending_row", A_CRASH, "no_chunk_is_an_orphan"),
    ("deletion_waits_for_writers", A_CRASH, "no_chunk_is_an_orphan"),
    ("sweep_spares_the_living", A_CRASH, "nothing_fails_without_a_cause"),
    ("sweep_takes_the_dead", A_CRASH, "every_run_can_end"),
    ("given_up_outlives_the_upload", A_CRASH, "not_received_is_never_visible"),
)


@pytest.mark.parametrize(("rule", "start", "promise"), MUTATIONS)
def test_protocol_without_a_rule_breaks_a_promise(rule: str, start: World, promise: str) -> None:
    found = explore(start, dataclasses.replace(Rules(), **{rule: False}))

    assert found.broken == promise, found.way


def test_every_rule_is_left_out_once() -> None:
    assert [rule for rule, *_ in MUTATIONS] == [field.name for field in dataclasses.fields(Rules)]
