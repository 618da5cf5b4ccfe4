"""What the database does by itself: transactions end, the fence answers, sweeps run."""

from collections.abc import Iterator

from tests.model import database, producer, worker
from tests.model.rules import Rules
from tests.model.world import FENCING, Move, Step, World


def steps(world: World, number: int, rules: Rules) -> Iterator[Move]:
    """Everything the database could do next about this upload."""
    upload, row = world.uploads[number], world.now.rows[number]
    if upload.copying:
        written = worker.copied(database.end_copy(world, number, is_written=True), number, rules)
        yield Step("6c", "chunk is written", number), written
        if upload.reception not in ("open", "closing"):
            yield Step("6c", "chunk is rolled back", number), database.end_copy(world, number, is_written=False)
    if upload.transaction:
        committed = database.end_commit(world, number, rules, is_committed=True)
        if upload.transaction == "open":
            committed = committed.put(number, reception="committed")
        else:
            yield Step("7", "ROLLBACK", number), database.end_commit(world, number, rules, is_committed=False)
        yield Step("7", "COMMIT", number), committed
    elif world.api_lives and upload.phase in FENCING:
        yield Step("9b", "give_up", number), _answered(world, number)
    if upload.asks_late and not upload.transaction:
        yield Step("9c", "give_up, unheard", number), database.give_up(world, number).put(number, asks_late=False)
    is_due = row.pending == "dead" and rules.sweep_takes_the_dead
    is_due = is_due or (row.pending == "living" and not rules.sweep_spares_the_living)
    if is_due and not database.is_locked(world, number, rules):
        yield Step("9d", "worker_sweep", number), database.drop_pending(world, number)
    yield from _forget_outcome(world, number, rules)


def _answered(world: World, number: int) -> World:
    """The fence's answer reaches the producer."""
    world = database.give_up(world, number)
    if world.now.rows[number].outcome == "stored":
        return producer.end(world, number, "stored", "received")
    return producer.end(world, number, "failed", "not received")


def _forget_outcome(world: World, number: int, rules: Rules) -> Iterator[Move]:
    """The settled word goes, `given_up` only by the daily sweep: not while anything of the upload is under way."""
    upload, row = world.uploads[number], world.now.rows[number]
    gone = world.write(number, is_durable=True, outcome="") if row.outcome else world
    if row.outcome == "stored" and upload.phase == "stored":
        yield Step("9d", "settled", number), gone
    is_under_way = upload.work or upload.lane or upload.reception or upload.transaction or row.pending
    may_go = not is_under_way or not rules.given_up_outlives_the_upload
    if row.outcome == "given_up" and may_go and upload.phase not in FENCING:
        yield Step("9d", "admin_sweep_outcomes", number), gone
