"""A service's audit trail: signed, numbered, chained records on the audit bus (contract.audit).

Theory: `record` never waits and never fails; what cannot be kept is dropped, and since numbers are given before
anything can be dropped, the monitor sees the gap. A record may arrive twice after a lost confirmation: the same bytes.
"""

import asyncio
import hashlib
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from contract.audit import AUDIT_CONTEXT, FIRST_HASH, HEARTBEAT_SECONDS, AuditRecord, EventName
from contract.topology import AUDIT, Route

from chassis.bus import Bus, BusError

_KEPT: Final = 1000  #: records that wait while the broker is away; older ones go first
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 10.0
_LAST_WORDS_SECONDS: Final = 1.0  #: for what still waits when the service stops

#: Events on the way of an upload carry no minute of their own: it would be a source's.
_TIMELESS: Final = frozenset({EventName.FORGED_MESSAGE, EventName.RECEIPT_MISMATCH, EventName.STORE_FAILED})

#: `sign(context, body)` -> signed envelope: `sealing.signing.sign_envelope` with the service's audit key.
Sign = Callable[[str, dict[str, Any]], bytes]


class AuditTrail:
    """One chain, from process start to end. `async with` it: STARTED, heartbeats, STOPPING."""

    def __init__(
        self,
        bus: Bus,
        service: str,
        sign: Sign,
        *,
        now: Callable[[], float] = time.time,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self._bus = bus
        self._service = service
        self._sign = sign
        self._now = now
        self._heartbeat_seconds = heartbeat_seconds
        self._chain = uuid.uuid4()
        self._number = 0
        self._previous = FIRST_HASH
        self._waiting: deque[bytes] = deque(maxlen=_KEPT)
        self._sending: bytes | None = None
        self._changed = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def record(self, name: EventName, journalist: UUID | None = None, generation: int | None = None) -> None:
        """Add a record. Returns at once and never raises for anything the broker does."""
        record = AuditRecord(
            service=self._service,
            chain=self._chain,
            number=self._number,
            previous=self._previous,
            name=name,
            minute=None if name in _TIMELESS else int(self._now() // 60),
            journalist=journalist,
            generation=generation,
        )
        blob = self._sign(AUDIT_CONTEXT, record.body())
        self._number += 1
        self._previous = hashlib.sha256(blob).hexdigest()
        self._waiting.append(blob)
        self._sent_all.clear()
        self._changed.set()

    async def __aenter__(self) -> Self:
        self.record(EventName.STARTED)
        self._tasks = (asyncio.create_task(self._send()), asyncio.create_task(self._beat()))
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.record(EventName.STOPPING)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sent_all.wait(), _LAST_WORDS_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_empty(self) -> bool:
        """True when everything recorded has been handed to the broker."""
        return self._sent_all.is_set()

    async def _beat(self) -> None:
        """A heartbeat is worth nothing late: none is added while older records wait."""
        while True:
            await asyncio.sleep(self._heartbeat_seconds)
            if self.is_empty:
                self.record(EventName.HEARTBEAT)

    async def _send(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            if self._sending is None and not self._waiting:
                self._sent_all.set()
                self._changed.clear()
                await self._changed.wait()
            self._sending = self._sending or self._waiting.popleft()
            try:
                await self._bus.publish(Route(AUDIT, AUDIT), self._sending)
            except BusError:
                await asyncio.sleep(pause)
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
                continue
            self._sending = None
            pause = _FIRST_PAUSE_SECONDS
