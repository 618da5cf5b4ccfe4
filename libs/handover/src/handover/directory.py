"""Which workers live, by their signed announcements (docs/protocol.md, step 4).

Theory: the broker can hold back, repeat or forge announcements. Forging fails at the pinned keys. A repeated one has
a number that does not grow, or belongs to an instance that a younger one has replaced. Age counts from arrival on
our own monotonic clock, and what waited in the queue while we were away is thrown out unread.
"""

import asyncio
import base64
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.bus import Bus, BusError
from contract.audit import EventName
from contract.errors import ProtocolError
from contract.messages import ANNOUNCE_CONTEXT, Announcement
from contract.topology import announce_queue
from sealing.epoch import EPOCH_PUBLIC_BYTES
from sealing.errors import BadSignature
from sealing.signing import VerifyKey, open_envelope_by

from handover.pauses import Pauses
from handover.timings import Timings

#: Where findings go: usually `AuditTrail.record`.
Notice = Callable[[EventName], None]

_CHANCE: Final = secrets.SystemRandom()


def unnoticed(_: EventName) -> None:
    """For a directory or hand-over that reports to nobody."""


@dataclass(frozen=True, slots=True)
class LiveWorker:
    """A worker as it last announced itself."""

    name: str
    key: VerifyKey
    instance: UUID
    number: int
    capacity: int  #: free lanes
    epoch: UUID
    epoch_key: bytes
    keyset_generation: int
    heard_at: float  #: on our monotonic clock


class WorkerDirectory:
    """The workers one producer knows of. `worker_keys`: pinned Ed25519 public keys by name."""

    def __init__(
        self,
        bus: Bus,
        producer: str,
        worker_keys: Mapping[str, bytes],
        monotonic: Callable[[], float] = time.monotonic,
        *,
        timings: Timings | None = None,
        notice: Notice = unnoticed,
    ) -> None:
        self.keys: Mapping[str, VerifyKey] = {name: VerifyKey(raw) for name, raw in worker_keys.items()}
        self._bus = bus
        self._queue = announce_queue(producer)
        self._monotonic = monotonic
        self._timings = timings or Timings()
        self._notice = notice
        self._workers: dict[str, LiveWorker] = {}
        self._replaced: set[UUID] = set()  #: instances that must not come back

    @property
    def is_open(self) -> bool:
        """True while at least one worker lives, and we could reach it."""
        return self._bus.is_up and any(self._is_fresh(worker) for worker in self._workers.values())

    def pick(self, *, but_not: frozenset[str] = frozenset()) -> LiveWorker | None:
        """One of those alive with a free lane, at random: no order of sources can be read off the workers."""
        if not self._bus.is_up:
            return None
        fit = [
            worker
            for worker in self._workers.values()
            if worker.capacity > 0 and worker.name not in but_not and self._is_fresh(worker)
        ]
        return _CHANCE.choice(fit) if fit else None

    async def run(self) -> None:
        """Listens until cancelled. A lost connection forgets all workers: they must be heard again on the new one."""
        pauses = Pauses(self._timings)
        while True:
            with suppress(BusError):
                await self._bus.purge(self._queue)
                async with self._bus.consume(self._queue) as announcements:
                    async for announcement in announcements:
                        await announcement.ack()
                        if not announcement.redelivered:
                            self.hear(announcement.body)
                        pauses.reset()
            self._workers.clear()
            await asyncio.sleep(pauses.next())

    def hear(self, blob: bytes) -> None:
        """Takes one announcement, or notices that it is forged. Replays are dropped."""
        try:
            worker = self._opened(blob)
        except (BadSignature, ProtocolError, ValueError):
            self._notice(EventName.FORGED_MESSAGE)
            return
        known = self._workers.get(worker.name)
        if worker.instance in self._replaced:
            return
        if known is not None and known.instance == worker.instance and worker.number <= known.number:
            return
        if known is not None and known.instance != worker.instance:
            self._replaced.add(known.instance)
        self._workers[worker.name] = worker

    def _opened(self, blob: bytes) -> LiveWorker:
        """Errors: BadSignature, ProtocolError, ValueError."""
        key, body = open_envelope_by(self.keys.values(), ANNOUNCE_CONTEXT, blob)
        said = Announcement.parse(body)
        if self.keys.get(said.worker) != key:
            raise BadSignature("announced in another worker's name")
        epoch_key = base64.b64decode(said.epoch_key, validate=True)
        if len(epoch_key) != EPOCH_PUBLIC_BYTES:
            raise ProtocolError("not an epoch key")
        return LiveWorker(
            name=said.worker,
            key=key,
            instance=said.instance,
            number=said.number,
            capacity=said.capacity,
            epoch=said.epoch,
            epoch_key=epoch_key,
            keyset_generation=said.keyset_generation,
            heard_at=self._monotonic(),
        )

    def _is_fresh(self, worker: LiveWorker) -> bool:
        return self._monotonic() - worker.heard_at < self._timings.fresh
