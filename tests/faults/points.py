"""The steps at which something is killed, each held open exactly while it happens (docs/protocol.md names the steps).

Theory: a lock on a table stops the worker's statement that needs it, and nothing else; a proxy holds the one answer
that would end a step. The worker's lock_timeout of 5 s bounds each hold.
"""

from abc import ABC, abstractmethod
from typing import Final

from tests.faults.ground import Ground, wait_for
from tests.faults.posting import Posting
from tests.faults.psql import Psql

_REACH_SECONDS: Final = 20.0


class Point(ABC):
    """Armed before a post begins; reached when the post stands there; let go after the kill."""

    stops_the_client = False

    @abstractmethod
    def arm(self, ground: Ground) -> None: ...

    @abstractmethod
    def is_reached(self, ground: Ground) -> bool: ...

    @abstractmethod
    def let_go(self, ground: Ground, *, is_lost: bool) -> None:
        """With `is_lost`, what the victim had said but not delivered never arrives."""

    def reach(self, ground: Ground, posting: Posting) -> None:
        """Waits until the post stands here. Fails when the post ends first."""

        def is_so() -> bool:
            assert not posting.is_over, f"the post ended before: {posting.answer}\n{ground.system.logs()}"
            return self.is_reached(ground)

        wait_for(is_so, f"a post stands at {type(self).__name__}", _REACH_SECONDS)


class TableLock(Point):
    """The worker waits for a table. SHARE lets everybody read and nobody write."""

    def __init__(self, table: str) -> None:
        self._table = f"sealdrop.{table}"
        self._holder: Psql | None = None

    def arm(self, ground: Ground) -> None:
        self._holder = ground.psql()
        self._holder.ask("BEGIN")
        self._holder.ask(f"LOCK TABLE {self._table} IN SHARE MODE")

    def is_reached(self, ground: Ground) -> bool:
        waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock'"
        return ground.look(f"{waiting} AND relation = '{self._table}'::regclass") != "0"

    def let_go(self, ground: Ground, *, is_lost: bool) -> None:
        if self._holder is not None:
            self._holder.close()
            self._holder = None


class MidFile(Point):
    """The source's own line pauses; the first chunks are in the vault."""

    stops_the_client = True

    def arm(self, ground: Ground) -> None:
        self._before = int(ground.look("SELECT count(*) FROM sealdrop.vault_chunk"))

    def is_reached(self, ground: Ground) -> bool:
        return int(ground.look("SELECT count(*) FROM sealdrop.vault_chunk")) > self._before

    def let_go(self, ground: Ground, *, is_lost: bool) -> None:
        pass  # the post itself goes on


class Committed(Point):
    """The last transaction is committed; the worker waits to hear it. Comes after a lock on the way, to arm in time."""

    def __init__(self) -> None:
        self._lock: TableLock | None = None

    def arm(self, ground: Ground) -> None:
        self._lock = TableLock("item")
        self._lock.arm(ground)
        self._before = ground.look("SELECT count(*) FROM sealdrop.receipt")

    def is_reached(self, ground: Ground) -> bool:
        if self._lock is not None:
            if self._lock.is_reached(ground):
                self.at_the_last_lock(ground)
                self._lock.let_go(ground, is_lost=False)
                self._lock = None
            return False
        return self.is_held(ground) and ground.look("SELECT count(*) FROM sealdrop.receipt") != self._before

    def at_the_last_lock(self, ground: Ground) -> None:
        ground.stop_at_commit()

    def is_held(self, ground: Ground) -> bool:
        return ground.worker_to_database.is_holding

    def let_go(self, ground: Ground, *, is_lost: bool) -> None:
        ground.worker_to_database.release(drop=is_lost)


class Answered(Committed):
    """`done` has been said and is at source-api's door."""

    def at_the_last_lock(self, ground: Ground) -> None:
        ground.has_seen_done = False
        ground.source_to_broker.hold()

    def is_held(self, ground: Ground) -> bool:
        return ground.has_seen_done

    def let_go(self, ground: Ground, *, is_lost: bool) -> None:
        ground.source_to_broker.release(drop=is_lost)


def points() -> dict[str, Point]:
    """By name, in the order of an upload."""
    return {
        "asked": TableLock("pending"),  # step 5 (b): the work message is taken, nothing is accepted
        "accepted": TableLock("pending_item"),  # step 5 (c): the first frame is here
        "frames": MidFile(),  # step 6: between two batches of chunks
        "copying": TableLock("vault_chunk"),  # step 6 (c): in a batch
        "closing": TableLock("item"),  # step 7: everything is here and checked, nothing is committed
        "committed": Committed(),  # steps 7 to 8: committed, not said
        "answered": Answered(),  # steps 8 to 10: said, not shown
    }
