"""One state of the model: who stands where, what is under way, what the database has and could lose.

Theory: an upload is one item of CHUNKS chunks, each a DATA frame. Only what some later step can see is kept: messages
to somebody who no longer listens are thrown away at once, and numbers of instances are reduced to "living" and "dead".
Words are plain strings: they are hashed and compared millions of times.
"""

from typing import Any, Final, Literal, NamedTuple

CHUNKS: Final = 2
CREDIT: Final = 2  #: frames; the least the protocol allows
FINISH: Final = CHUNKS + 1  #: number of the frame; 0 is ITEM, those between are DATA
ABORT: Final = -1
FORGED_FINISH: Final = -2

Phase = Literal["idle", "asked", "sending", "closing", "fencing", "unsettled", "stored", "failed", "left", "crashed"]
Told = Literal["", "received", "not received", "not confirmed"]
Reception = Literal["", "open", "closing", "committing", "committed", "clearing"]
Transaction = Literal["", "open", "adrift"]  #: adrift: COMMIT was sent by somebody who no longer waits
Gate = Literal["new", "seen", "old"]  #: old: asked of an instance that is gone
Pending = Literal["", "living", "dead"]  #: dead: the lock of its instance is free
Outcome = Literal["", "stored", "given_up"]
Tenure = Literal["none", "held", "lost"]  #: lost: and the worker has not noticed yet

HEARING: Final = ("asked", "sending", "closing")
FENCING: Final = ("fencing", "unsettled")


class Upload(NamedTuple):
    """One upload at its producer, on its way, and at its worker."""

    phase: Phase = "idle"
    told: Told = ""
    sent: int = 0  #: frames
    credited: int = 0  #: frames the producer knows to be taken
    asks_late: bool = False  #: a call to the fence that nobody waits for may still be carried out
    work: int = 0  #: work messages in the worker's queue
    gate: Gate = "new"
    lane: tuple[int, ...] = ()
    answers: tuple[str, ...] = ()
    reception: Reception = ""
    taken: int = 0  #: frames
    wrote: int = 0  #: chunks the database confirmed
    copying: bool = False  #: a chunk is being written; its transaction holds the pending row
    transaction: Transaction = ""  #: the last one; it holds the pending row, the outcome and the source


class Row(NamedTuple):
    """One upload's rows in the database."""

    pending: Pending = ""
    has_item: bool = False
    chunks: int = 0
    outcome: Outcome = ""
    is_visible: bool = False  #: the item is there for journalists; its chunks should all be, too


class Tables(NamedTuple):
    """What the database holds. All uploads are of one new source."""

    rows: tuple[Row, ...]
    has_source: bool = False


class Faults(NamedTuple):
    """How many may still happen."""

    crashes: int = 0  #: of source-api, worker, database, broker
    tricks: int = 0  #: of the broker: a message lost, repeated, or made up
    cuts: int = 0  #: a connection to the database is lost, the source goes away, or somebody is slow


class World(NamedTuple):
    """All of it. `past`: what a crash of the database could go back to, newest last."""

    uploads: tuple[Upload, ...]
    now: Tables
    past: tuple[Tables, ...]
    left: Faults
    forms: int  #: upload n is a try of form n % forms
    is_calm: bool = True  #: nothing has gone wrong yet
    is_prompt: bool = True  #: nobody is slow: only what never comes is waited for in vain
    api_lives: bool = True
    worker_lives: bool = True
    tenure: Tenure = "held"

    def put(self, number: int, **changes: Any) -> "World":
        """With one upload changed."""
        upload = self.uploads[number]._replace(**changes)
        return self._replace(uploads=(*self.uploads[:number], upload, *self.uploads[number + 1 :]))

    def loses_patience(self, number: int) -> bool:
        """Producer and worker may take each other for dead: nothing moves any more, or somebody is slow."""
        upload = self.uploads[number]
        is_moving = upload.work or upload.lane or upload.answers or upload.copying or upload.transaction
        may_send = upload.phase == "sending" and upload.sent - upload.credited < CREDIT
        return not self.is_prompt or not (is_moving or may_send or upload.reception not in ("", "open"))

    def write(self, number: int, *, is_durable: bool, has_source: bool | None = None, **changes: Any) -> "World":
        """With one upload's rows changed, in a transaction that waits for the disk or not."""
        rows = self.now.rows
        row = rows[number]._replace(**changes)
        source = self.now.has_source if has_source is None else has_source
        tables = Tables((*rows[:number], row, *rows[number + 1 :]), source)
        past = () if is_durable else (*self.past, self.now)
        return self._replace(now=tables, past=past)


class Step(NamedTuple):
    """A transition's name. `number`: as in docs/protocol.md."""

    number: str
    name: str
    upload: int = 0
    is_fault: bool = False


Move = tuple[Step, World]


def begin(forms: int, tries: int, left: Faults) -> World:
    """Nothing has happened yet."""
    count = forms * tries
    return World((Upload(),) * count, Tables((Row(),) * count), (), left, forms)


def say(world: World, number: int, answer: str) -> World:
    """The worker answers. To a producer that forgot the upload it is no news."""
    upload = world.uploads[number]
    if upload.phase not in HEARING:
        return world
    return world.put(number, answers=(*upload.answers, answer))
