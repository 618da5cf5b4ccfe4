"""The worker's hold on the database: a session advisory lock on a connection of its own.

Theory: pending uploads carry the number of the lock. Who holds it lives; the sweep takes uploads whose lock is free. So
a killed worker's half-written items need no clock and no heartbeat row. A worker that lost the lock's connection can no
longer tell whether its uploads are still its own: all of them fail, and it starts again with a new number.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

from chassis.logs import Log
from chassis.postgres import Database, DatabaseError, Session

from crypto_worker.errors import StoreError
from crypto_worker.notes import Note
from crypto_worker.store import Vault

WATCH_SECONDS: Final = 1.0
SWEEP_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 1.0


class Tenure:
    """Holds the lock, watches it, and sweeps while it holds. `on_lost` is called each time it is lost."""

    def __init__(self, database: Database, log: Log, on_lost: Callable[[], None]) -> None:
        self._database = database
        self._log = log
        self._on_lost = on_lost
        self._instance: int | None = None

    def instance(self) -> int | None:
        """The number whose lock is held, or None."""
        return self._instance

    async def run(self, vault: Vault) -> None:
        """Until cancelled."""
        while True:
            try:
                async with self._database.session() as session:
                    await self._hold(session, vault)
            except (DatabaseError, StoreError) as error:
                self._log.error(Note.STORE_LOST, error)
            finally:
                self._let_go()
            await asyncio.sleep(RETRY_SECONDS)

    async def _hold(self, session: Session, vault: Vault) -> None:
        number = secrets.randbits(63)
        await session.execute("hold_instance", number)
        self._instance = number
        await vault.tidy()
        watches = 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await session.execute("still_there")
            watches += 1
            if watches * WATCH_SECONDS >= SWEEP_SECONDS:
                await vault.tidy()
                watches = 0

    def _let_go(self) -> None:
        had_it = self._instance is not None
        self._instance = None
        if had_it:
            self._on_lost()
