"""The functions of deploy/postgres, each all or nothing, and what its transactions hold while they are open.

Theory: a chunk's transaction, and the last one, hold the upload's pending row; the last one holds the outcome and the
source too. Whoever wants one of these waits. Early chunks do not wait for the disk: until something that does wait
comes after them, a crash may take them back, the newest first.
"""

from tests.model.rules import Rules
from tests.model.world import CHUNKS, Row, Tables, World


def can_open(world: World, number: int) -> bool:
    """worker_open: the instance lives, and the upload is not known."""
    row = world.now.rows[number]
    return world.tenure == "held" and not (row.pending or row.outcome or row.is_visible)


def worker_item(world: World, number: int) -> World | None:
    """None: not pending."""
    return world.write(number, is_durable=False, has_item=True) if world.now.rows[number].pending else None


def begin_copy(world: World, number: int, rules: Rules) -> World | None:
    """COPY: the trigger holds the pending row until the end. None: not pending."""
    row = world.now.rows[number]
    if rules.chunks_need_a_pending_row and not (row.pending and row.has_item):
        return None
    return world.put(number, copying=True)


def end_copy(world: World, number: int, *, is_written: bool) -> World:
    """The chunk's transaction ends."""
    world = world.put(number, copying=False)
    return world.write(number, is_durable=False, chunks=world.now.rows[number].chunks + 1) if is_written else world


def worker_reserve(world: World, number: int, rules: Rules) -> World:
    """The source's row is made in the last transaction: nobody sees it before COMMIT."""
    if rules.source_row_comes_with_the_commit:
        return world
    return world.write(number, is_durable=True, has_source=True)


def worker_commit(world: World, number: int, announced: int, rules: Rules) -> World | str:
    """Up to COMMIT, locks and all; or why not."""
    row = world.now.rows[number]
    if rules.commit_requires_the_pending_row and not row.pending:
        return "not pending"
    if rules.commit_counts_chunks and row.chunks != announced:
        return "mismatch"
    if rules.commit_respects_the_fence and row.outcome:
        return "given up"
    return world.put(number, transaction="open")


def end_commit(world: World, number: int, rules: Rules, *, is_committed: bool) -> World:
    """COMMIT, or ROLLBACK. What becomes visible has the chunks that are there now."""
    world = world.put(number, transaction="")
    if not is_committed:
        return world
    is_durable = rules.commit_waits_for_the_disk
    made = {"pending": "", "has_item": False, "outcome": "stored", "is_visible": True}
    return world.write(number, is_durable=is_durable, has_source=True, **made)


def give_up(world: World, number: int) -> World:
    """The first word stays. The caller has seen that no last transaction is open: else it would wait."""
    outcome = world.now.rows[number].outcome or "given_up"
    return world.write(number, is_durable=True, outcome=outcome)


def drop_pending(world: World, number: int) -> World:
    """worker_discard and worker_sweep: chunks of what is not visible, and the pending row. Nothing to do: silent."""
    row = world.now.rows[number]
    if not row.pending:
        return world
    chunks = row.chunks if row.is_visible else 0
    return world.write(number, is_durable=True, pending="", has_item=False, chunks=chunks)


def is_locked(world: World, number: int, rules: Rules) -> bool:
    """The pending row is held: a discard waits, a sweep passes it by."""
    upload = world.uploads[number]
    is_committing = bool(upload.transaction) and rules.commit_requires_the_pending_row
    return rules.deletion_waits_for_writers and (upload.copying or is_committing)


def source_is_locked(world: World) -> bool:
    """All uploads of the model are of one source: their last transactions wait for each other."""
    return any(upload.transaction for upload in world.uploads)


def abandon(world: World, number: int) -> World:
    """The client of an open last transaction is gone, and had perhaps said COMMIT."""
    return world.put(number, transaction="adrift") if world.uploads[number].transaction else world


def lose_lock(world: World) -> World:
    """The session that held the instance's lock has ended."""
    return world._replace(now=without_lock(world.now), past=tuple(without_lock(tables) for tables in world.past))


def without_lock(tables: Tables) -> Tables:
    """No instance lives."""
    return tables._replace(rows=tuple(_dead(row) for row in tables.rows))


def _dead(row: Row) -> Row:
    return row._replace(pending="dead") if row.pending else row


def is_whole(row: Row) -> bool:
    """Visible, with every chunk that was sent."""
    return row.is_visible and row.chunks == CHUNKS
