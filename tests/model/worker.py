"""What a worker does: `crypto_worker.consumers`, `.upload`, `.reception`, `.pipeline` and `.tenure`."""

from collections.abc import Iterator

from tests.model import database
from tests.model.rules import Rules
from tests.model.world import ABORT, FINISH, FORGED_FINISH, Move, Step, Upload, World, say


def steps(world: World, number: int, rules: Rules) -> Iterator[Move]:
    """Everything the worker could do next about this upload."""
    if not world.worker_lives:
        return
    upload = world.uploads[number]
    if upload.work:
        yield _take_work(world.put(number, work=upload.work - 1), number)
    if upload.reception == "open":
        if upload.lane and _has_room(upload):
            yield _take_frame(world, number, rules)
        if world.loses_patience(number) and rules.silence_ends_an_upload:
            yield Step("5d", "producer is silent", number), fail(world, number)
    if upload.reception == "closing" and upload.wrote >= chunks_taken(upload):
        yield from _commit(world, number, rules)
    if upload.reception == "committed":
        yield Step("8", "says done", number), say(over(world, number), number, "done")
    if upload.reception == "clearing" and not database.is_locked(world, number, rules):
        yield Step("9a", "worker_discard", number), over(database.drop_pending(world, number), number)


def process_steps(world: World) -> Iterator[Move]:
    """What it does without regard to an upload: the hold on the database."""
    if not world.worker_lives:
        yield Step("6d", "worker starts"), world._replace(worker_lives=True, tenure="held")
    elif world.tenure == "lost":
        yield Step("6d", "worker sees its lock lost"), _interrupt_all(world._replace(tenure="none"))
    elif world.tenure == "none":
        yield Step("6d", "worker takes a new lock"), world._replace(tenure="held")


def fail(world: World, number: int) -> World:
    """Say `fail`, take no more frames, then discard. The chunk under way ends as it ends."""
    return say(world.put(number, reception="clearing", lane=(), taken=0, wrote=0), number, "fail")


def keep_silent(world: World, number: int) -> World:
    """COMMIT had no answer, or nobody listens: say nothing, discard what is left."""
    return world.put(number, reception="clearing", lane=(), taken=0, wrote=0)


def over(world: World, number: int) -> World:
    """The lane is free again."""
    return world.put(number, reception="", lane=(), taken=0, wrote=0)


def _take_work(world: World, number: int) -> Move:
    """Purging the lane, worker_open and `accept` are one step here."""
    gate = world.uploads[number].gate
    if gate == "old":
        return Step("5a", "refuses another instance's work", number), say(world, number, "fail")
    if gate == "seen":
        return Step("5a", "drops what it has seen", number), world
    world = world.put(number, gate="seen")
    if not database.can_open(world, number):
        return Step("5b", "worker_open refuses", number), say(world, number, "fail")
    opened = world.write(number, is_durable=False, pending="living").put(number, reception="open")
    return Step("5b", "worker_open, says accept", number), say(opened, number, "accept")


def _commit(world: World, number: int, rules: Rules) -> Iterator[Move]:
    """The last transaction begins, as far as other transactions let it."""
    if database.source_is_locked(world):
        return
    world = database.worker_reserve(world, number, rules)
    begun = database.worker_commit(world, number, chunks_taken(world.uploads[number]), rules)
    if isinstance(begun, str):
        yield Step("7", f"worker_commit refuses: {begun}", number), fail(world, number)
        return
    world = begun.put(number, reception="committing")
    if not rules.done_follows_the_commit:
        world = say(world, number, "done")
    yield Step("7", "worker_reserve, worker_commit", number), world


def _has_room(upload: Upload) -> bool:
    """At most two batches in memory: one being written, one being filled. A batch is a chunk here."""
    return chunks_taken(upload) - upload.wrote < 2


def _take_frame(world: World, number: int, rules: Rules) -> Move:
    upload = world.uploads[number]
    frame, world = upload.lane[0], world.put(number, lane=upload.lane[1:])
    if frame == ABORT:
        return Step("5e", "takes ABORT", number), keep_silent(world, number)
    if frame == FORGED_FINISH:
        if rules.finish_has_a_mac or not chunks_taken(upload):
            return Step("6e", "refuses a forged FINISH", number), fail(world, number)
        return Step("6e", "takes a forged FINISH", number), world.put(number, reception="closing", lane=())
    if frame != upload.taken and rules.frames_are_numbered:
        return Step("5c", "sees a gap in the numbers", number), fail(world, number)
    if frame == FINISH:
        return Step("6e", "takes FINISH", number), world.put(number, reception="closing", lane=())
    world = world.put(number, taken=upload.taken + 1)
    step = Step("6a", "takes ITEM", number) if frame == 0 else Step("6b", "takes DATA", number)
    stored = database.worker_item(world, number) if frame == 0 else write_on(world, number, rules)
    if stored is None:
        return step, fail(world, number)
    return step, _grant(stored, number)


def _grant(world: World, number: int) -> World:
    """Credit after every second frame."""
    taken = world.uploads[number].taken
    return say(world, number, str(taken)) if taken % 2 == 0 else world


def write_on(world: World, number: int, rules: Rules) -> World | None:
    """The next chunk that was taken goes to the vault, if none is under way. None: the vault refused."""
    upload = world.uploads[number]
    if upload.copying or upload.wrote >= chunks_taken(upload):
        return world
    return database.begin_copy(world, number, rules)


def chunks_taken(upload: Upload) -> int:
    """All frames but ITEM are one chunk each."""
    return max(0, upload.taken - 1)


def copied(world: World, number: int, rules: Rules) -> World:
    """The vault confirmed a chunk. A worker that gave up meanwhile, or died, does not care."""
    upload = world.uploads[number]
    if upload.reception not in ("open", "closing"):
        return world
    world = world.put(number, wrote=upload.wrote + 1)
    more = write_on(world, number, rules)
    return fail(world, number) if more is None else more


def _interrupt_all(world: World) -> World:
    """Uploads under way fail. One whose frames are all in ends as its last transaction does."""
    for number, upload in enumerate(world.uploads):
        if upload.reception == "open":
            world = fail(world, number)
    return world


def crash(world: World) -> World:
    """The worker's memory is gone, and its lock. Statements it sent may still be carried out."""
    world = database.lose_lock(world)._replace(worker_lives=False, tenure="none")
    for number, upload in enumerate(world.uploads):
        world = database.abandon(over(world, number), number)
        if upload.phase != "idle":
            world = world.put(number, gate="old")
    return world
