"""What the protocol promises to do, each as a switch. The model check must find what goes wrong when one is off."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """All on: docs/protocol.md. Each names the step that demands it."""

    silence_ends_an_upload: bool = True  #: 5d: on either side
    finish_has_a_mac: bool = True  #: 6e: the hub cannot make a FINISH
    frames_are_numbered: bool = True  #: 6e: a frame that is missing or comes twice ends the upload
    source_row_comes_with_the_commit: bool = True  #: 7
    commit_requires_the_pending_row: bool = True  #: 7: and holds it until the end
    commit_counts_chunks: bool = True  #: 7
    commit_waits_for_the_disk: bool = True  #: 7
    done_follows_the_commit: bool = True  #: 8
    failure_after_finish_asks_the_fence: bool = True  #: 9b
    fail_after_finish_is_not_believed: bool = True  #: 9b: `fail` is a failure like silence
    fence_is_asked_before_telling: bool = True  #: 9b
    commit_respects_the_fence: bool = True  #: 9b: one row, one word
    retry_waits_for_the_outcome: bool = True  #: 9c: of the same form
    chunks_need_a_pending_row: bool = True  #: 9a, 9d: a statement that comes late writes nothing
    deletion_waits_for_writers: bool = True  #: 9a, 9d: chunks and commits under way
    sweep_spares_the_living: bool = True  #: 9d: whose lock is held
    sweep_takes_the_dead: bool = True  #: 9d: whose lock is free
    given_up_outlives_the_upload: bool = True  #: 9d
