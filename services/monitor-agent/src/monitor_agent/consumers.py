"""The edge to the audit queue: every delivery is judged, remembered on disk, told, and only then acknowledged.

So a crash anywhere brings a record back (marked redelivered) rather than losing it;
an alert can come twice, never not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum
from functools import partial
from typing import Final

from chassis.bus import Bus, BusError, Delivery
from chassis.logs import Log
from contract.topology import AUDIT_QUEUE

from monitor_agent.rules import Alert
from monitor_agent.store import TrailStore
from monitor_agent.threads import in_thread
from monitor_agent.watchman import Watchman

PREFETCH: Final = 16
_RETRY_SECONDS: Final = 1.0


class AuditEdge(Enum):
    """What is logged here."""

    QUEUE_LOST = "audit_queue_lost"


class AuditConsumer:
    """Consumes the queue for as long as it runs, over any number of lost connections."""

    def __init__(
        self,
        bus: Bus,
        watchman: Watchman,
        store: TrailStore,
        tell: Callable[[Iterable[Alert]], Awaitable[None]],
        log: Log,
    ) -> None:
        self._bus = bus
        self._watchman = watchman
        self._store = store
        self._tell = tell
        self._log = log

    async def run(self) -> None:
        """Runs until cancelled. Errors: OSError when the state directory cannot be written."""
        while True:
            try:
                await self._consume()
            except BusError as error:
                self._log.error(AuditEdge.QUEUE_LOST, error)
            self._watchman.deaf()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _consume(self) -> None:
        async with self._bus.consume(AUDIT_QUEUE, prefetch=PREFETCH) as deliveries:
            await self._tell(self._watchman.hears())
            async for delivery in deliveries:
                await self._take(delivery)

    async def _take(self, delivery: Delivery) -> None:
        alerts = self._watchman.record(delivery.body, redelivered=delivery.redelivered)
        await self._tell(alerts)
        await in_thread(partial(self._store.save, dict(self._watchman.trails)))
        await delivery.ack()
