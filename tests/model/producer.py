"""What a producer does with one upload: `handover.producer`, `.transfer` and `.fence`, and `source_api.desk`."""

from collections.abc import Iterator

from tests.model.rules import Rules
from tests.model.world import ABORT, CREDIT, FENCING, FINISH, HEARING, Move, Phase, Step, Told, World


def steps(world: World, number: int, rules: Rules) -> Iterator[Move]:
    """Everything this upload's producer could do next."""
    if not world.api_lives:
        return
    upload = world.uploads[number]
    if upload.phase == "idle" and may_begin(world, number, rules):
        yield Step("4d", "asks for a lane", number), world.put(number, phase="asked", work=upload.work + 1)
    if upload.phase in HEARING:
        if upload.answers:
            yield _hear(world, number, rules)
        if world.loses_patience(number) and rules.silence_ends_an_upload:
            yield Step("5d", "worker is silent", number), fail(world, number, rules)
    if upload.phase == "sending" and upload.sent - upload.credited < CREDIT:
        yield _send(world, number)
    if upload.phase == "fencing" and not world.is_prompt:
        yield Step("9c", "fence is silent", number), not_confirmed(world, number)


def may_begin(world: World, number: int, rules: Rules) -> bool:
    """A worker announces itself, and no earlier try of the form could still be stored."""
    ended: tuple[Phase, ...] = ("failed", "left")
    if not rules.retry_waits_for_the_outcome:
        ended += ("unsettled",)
    earlier = world.uploads[number % world.forms : number : world.forms]
    return world.worker_lives and world.tenure != "none" and all(upload.phase in ended for upload in earlier)


def _hear(world: World, number: int, rules: Rules) -> Move:
    upload = world.uploads[number]
    answer, world = upload.answers[0], world.put(number, answers=upload.answers[1:])
    match answer:
        case "accept":
            phase = "sending" if upload.phase == "asked" else upload.phase
            return Step("5b", "hears accept", number), world.put(number, phase=phase)
        case "done" if upload.phase == "closing":
            return Step("8", "hears done", number), end(world, number, "stored", "received")
        case "done":
            return Step("8", "hears done before the end", number), fail(world, number, rules)
        case "fail" if upload.phase == "closing" and not rules.fail_after_finish_is_not_believed:
            return Step("9b", "believes fail", number), end(world, number, "failed", "not received")
        case "fail":
            return Step("9b", "hears fail", number), fail(world, number, rules)
        case credit:
            credited = max(upload.credited, int(credit))
            return Step("5c", "hears credit", number), world.put(number, credited=credited)


def _send(world: World, number: int) -> Move:
    """A frame nobody takes is lost: the lane is purged before the next `accept`, and strangers are dropped."""
    upload = world.uploads[number]
    lane = (*upload.lane, upload.sent) if upload.reception == "open" else ()
    is_last = upload.sent == FINISH
    step = Step("5e", "sends FINISH", number) if is_last else Step("5c", "sends ITEM or DATA", number)
    phase = "closing" if is_last else "sending"
    return step, world.put(number, phase=phase, lane=lane, sent=upload.sent + 1)


def fail(world: World, number: int, rules: Rules) -> World:
    """Before FINISH a failure is a failure. After it the fence knows."""
    if world.uploads[number].phase != "closing" or not rules.failure_after_finish_asks_the_fence:
        return end(world, number, "failed", "not received")
    if not rules.fence_is_asked_before_telling:
        return end(world, number, "fencing", "not received")
    return end(world, number, "fencing", world.uploads[number].told)


def end(world: World, number: int, phase: Phase, told: Told) -> World:
    """The upload leaves the producer's hands: nothing is sent or heard any more."""
    return world.put(number, phase=phase, told=told, answers=(), sent=0, credited=0)


def leave(world: World, number: int) -> World:
    """The source breaks its post off, or sends the form again, which supersedes it. Nobody is told anything."""
    upload = world.uploads[number]
    lane = (*upload.lane, ABORT) if upload.phase == "sending" and upload.reception == "open" else upload.lane
    return end(world, number, "left", "").put(number, lane=lane)


def not_confirmed(world: World, number: int) -> World:
    """Told so, and the fence is asked again and again. The call that had no answer may still be carried out."""
    return world.put(number, phase="unsettled", told="not confirmed", asks_late=True)


def crash(world: World) -> World:
    """source-api's memory is gone: uploads, sessions and forms."""
    world = world._replace(api_lives=False)
    for number, upload in enumerate(world.uploads):
        if upload.phase in HEARING or upload.phase in FENCING:
            asks_late = upload.asks_late or upload.phase in FENCING
            world = end(world, number, "crashed", upload.told).put(number, asks_late=asks_late)
    return world
