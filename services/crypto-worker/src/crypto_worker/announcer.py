"""Tells all producers every two seconds that this worker lives, and with which epoch key (docs/protocol.md, step 4)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.bus import Bus, BusError
from chassis.logs import Log
from contract.limits import ANNOUNCE_SECONDS
from contract.messages import ANNOUNCE_CONTEXT, Announcement
from contract.topology import ANNOUNCE, Route
from sealing.signing import SigningKey, sign_envelope

from crypto_worker.base64_text import to_base64
from crypto_worker.epochs import Epochs
from crypto_worker.notes import Note

NOT_YET_SECONDS: Final = 0.2  #: how soon to look again whether there is something to announce


@dataclass(frozen=True, slots=True)
class Announced:
    """Who announces itself. `instance` is drawn at process start."""

    name: str
    instance: UUID
    identity: SigningKey
    keyset_generation: int


class Announcer:
    """`capacity` answers how many uploads could be taken now; None means silence: this worker cannot store."""

    def __init__(
        self, bus: Bus, log: Log, announced: Announced, epochs: Epochs, capacity: Callable[[], int | None]
    ) -> None:
        self._bus = bus
        self._log = log
        self._announced = announced
        self._epochs = epochs
        self._capacity = capacity
        self._number = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            epoch = self._epochs.current()  # also forgets old keys while nothing is announced
            capacity = self._capacity()
            if capacity is not None:
                try:
                    await self._bus.publish(Route(ANNOUNCE), self.announcement(capacity, epoch.id, epoch.key.public))
                except BusError:
                    self._log.count(Note.BUS_LOST)
            await asyncio.sleep(NOT_YET_SECONDS if capacity is None else ANNOUNCE_SECONDS)

    def announcement(self, capacity: int, epoch: UUID, epoch_key: bytes) -> bytes:
        """The next signed announcement; each has a higher number."""
        body = Announcement(
            worker=self._announced.name,
            instance=self._announced.instance,
            number=self._number,
            capacity=capacity,
            epoch=epoch,
            epoch_key=to_base64(epoch_key),
            keyset_generation=self._announced.keyset_generation,
        ).body()
        self._number += 1
        return sign_envelope(self._announced.identity, ANNOUNCE_CONTEXT, body)
