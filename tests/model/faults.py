"""Everything that may go wrong, each paid for from `World.left`."""

from collections.abc import Iterator
from typing import TypeVar

from tests.model import database, producer, worker
from tests.model.rules import Rules
from tests.model.world import FORGED_FINISH, HEARING, Move, Step, Tables, World, say

T = TypeVar("T")


def steps(world: World, rules: Rules) -> Iterator[Move]:
    """All of them that are still allowed."""
    if world.left.crashes:
        paid = _pay(world, "crashes")
        yield from ((Step("", name, 0, True), after) for name, after in _crashes(paid, rules))
    for number in range(len(world.uploads)):
        if world.left.tricks:
            paid = _pay(world, "tricks")
            yield from ((Step("", name, number, True), after) for name, after in _tricks(paid, number))
        if world.left.cuts:
            paid = _pay(world, "cuts")
            yield from ((Step("", name, number, True), after) for name, after in _cuts(paid, number))
    if world.left.cuts:
        paid = _pay(world, "cuts")
        if world.is_prompt:
            yield Step("", "somebody is slow", 0, True), paid._replace(is_prompt=False)
        if world.tenure == "held":
            yield Step("", "lock is lost", 0, True), database.lose_lock(paid)._replace(tenure="lost")


def _pay(world: World, kind: str) -> World:
    """One fault of this kind less; from now on uploads may fail."""
    left = world.left._replace(**{kind: getattr(world.left, kind) - 1})
    return world._replace(left=left, is_calm=False)


def _crashes(world: World, rules: Rules) -> Iterator[tuple[str, World]]:
    if world.api_lives:
        yield "source-api dies", producer.crash(world)
    if world.worker_lives:
        yield "worker dies", worker.crash(world)
    yield "broker dies", _broker_crash(world, rules)
    for number in range(len(world.past) + 1):
        survives = (*world.past, world.now)[number]
        yield f"database dies, {len(world.past) - number} writes are lost", _database_crash(world, survives)


def _broker_crash(world: World, rules: Rules) -> World:
    """Queues are empty. Both sides lose their connection, and with it every upload whose frames still come."""
    for number, upload in enumerate(world.uploads):
        world = world.put(number, work=0, lane=(), answers=())
        if upload.phase in HEARING:
            world = producer.fail(world, number, rules)
        if upload.reception == "open":
            world = worker.keep_silent(world, number)
    return world


def _database_crash(world: World, survives: Tables) -> World:
    """It is up again at once, but everybody has lost the connection, and open transactions are undone."""
    world = world._replace(now=database.without_lock(survives), past=())
    if world.tenure == "held":
        world = world._replace(tenure="lost")
    for number, upload in enumerate(world.uploads):
        world = world.put(number, copying=False, transaction="", asks_late=False)
        if upload.reception == "committing":
            world = worker.keep_silent(world, number)
        elif upload.copying and upload.reception in ("open", "closing"):
            world = worker.fail(world, number)
        if world.api_lives and upload.phase == "fencing":
            world = producer.not_confirmed(world, number).put(number, asks_late=False)
    return world


def _tricks(world: World, number: int) -> Iterator[tuple[str, World]]:
    """The broker's."""
    upload = world.uploads[number]
    if upload.work:
        yield "work message is lost", world.put(number, work=upload.work - 1)
    if upload.phase != "idle":
        yield "work message comes again", world.put(number, work=upload.work + 1)
    yield from (("answer is lost", world.put(number, answers=rest)) for rest in _without_one(upload.answers))
    yield from (("answer comes twice", world.put(number, answers=more)) for more in _with_one_twice(upload.answers))
    yield from (("frame is lost", world.put(number, lane=rest)) for rest in _without_one(upload.lane))
    yield from (("frame comes twice", world.put(number, lane=more)) for more in _with_one_twice(upload.lane))
    if upload.reception == "open":
        yield "FINISH is made up", world.put(number, lane=(*upload.lane, FORGED_FINISH))
    if upload.gate == "seen":
        yield "work message comes again after its epoch", say(world, number, "fail")


def _without_one(queue: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    return (queue[:place] + queue[place + 1 :] for place in range(len(queue)))


def _with_one_twice(queue: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    """Once more where it is, or at the end."""
    for place, message in enumerate(queue):
        yield (*queue[: place + 1], message, *queue[place + 1 :])
        yield (*queue, message)


def _cuts(world: World, number: int) -> Iterator[tuple[str, World]]:
    """Connections of one upload."""
    upload = world.uploads[number]
    if world.api_lives and upload.phase in ("asked", "sending"):
        yield "source goes away", producer.leave(world, number)
    if upload.reception in ("open", "closing") and upload.copying:
        yield "connection is lost while a chunk is written", worker.fail(world, number)
    if upload.reception == "committing":
        undone = world.put(number, transaction="")
        yield "connection is lost before COMMIT", worker.fail(undone, number)
        yield "connection is lost at COMMIT", worker.keep_silent(database.abandon(world, number), number)
    if world.api_lives and upload.phase == "fencing" and not upload.transaction:
        given_up = producer.not_confirmed(database.give_up(world, number), number)
        yield "fence's answer is lost", given_up.put(number, asks_late=False)
