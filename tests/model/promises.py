"""What must hold in every state, and what counts as the end of a run."""

from collections.abc import Callable, Iterator
from typing import Final

from tests.model import database
from tests.model.world import Tables, World

Promise = Callable[[World], bool]


def acknowledged_is_stored_whole(world: World) -> bool:
    """And stays so, whatever a crash of the database takes back."""
    snapshots = (world.now, *world.past)
    return all(
        database.is_whole(tables.rows[number])
        for number, upload in enumerate(world.uploads)
        if upload.told == "received"
        for tables in snapshots
    )


def form_is_stored_at_most_once(world: World) -> bool:
    rows = world.now.rows
    return all(sum(row.is_visible for row in rows[form :: world.forms]) <= 1 for form in range(world.forms))


def not_received_is_never_visible(world: World) -> bool:
    pairs = zip(world.uploads, world.now.rows, strict=True)
    return not any(upload.told == "not received" and row.is_visible for upload, row in pairs)


def outcome_is_one_word(world: World) -> bool:
    """Only after it was acknowledged and settled may a call to the fence that came late write the other."""
    pairs = zip(world.uploads, world.now.rows, strict=True)
    return not any(row.is_visible and row.outcome == "given_up" and upload.told != "received" for upload, row in pairs)


def visible_is_whole(world: World) -> bool:
    return all(database.is_whole(row) for row in world.now.rows if row.is_visible)


def source_comes_with_a_submission(world: World) -> bool:
    return _has_its_reason(world.now)


def _has_its_reason(tables: Tables) -> bool:
    return tables.has_source == any(row.is_visible for row in tables.rows)


def no_chunk_is_an_orphan(world: World) -> bool:
    """Whatever is in the vault is visible, or the sweep will find it."""
    return not any(row.chunks and not row.pending and not row.is_visible for row in world.now.rows)


def nothing_fails_without_a_cause(world: World) -> bool:
    failed = ("fencing", "unsettled", "failed")
    return not world.is_calm or not any(
        upload.phase in failed or upload.reception == "clearing" for upload in world.uploads
    )


PROMISES: Final[tuple[Promise, ...]] = (
    acknowledged_is_stored_whole,
    form_is_stored_at_most_once,
    not_received_is_never_visible,
    outcome_is_one_word,
    visible_is_whole,
    source_comes_with_a_submission,
    no_chunk_is_an_orphan,
    nothing_fails_without_a_cause,
)


def broken(world: World) -> Iterator[str]:
    """Names of the promises this state breaks."""
    return (promise.__name__ for promise in PROMISES if not promise(world))


def is_quiet(world: World) -> bool:
    """Everybody has been told what there is to tell, and nothing is left of what is not visible."""
    return all(
        upload.phase in ("idle", "stored", "failed", "left", "crashed")
        and not (upload.work or upload.lane or upload.answers or upload.reception)
        and not (upload.copying or upload.transaction or row.pending)
        for upload, row in zip(world.uploads, world.now.rows, strict=True)
    )
