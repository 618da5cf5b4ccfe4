"""The composition root: everything is built here, from settings and the connections it is given."""

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import Final
from uuid import uuid4

from chassis.audit import AuditTrail
from chassis.bus import Bus
from chassis.logs import Log
from chassis.postgres import Database
from chassis.settings import read_secret
from contract.audit import EventName
from contract.messages import FailCode, UploadKind
from sealing.keyset import Keyset
from sealing.signing import SigningKey, VerifyKey, sign_envelope

from crypto_worker.announcer import Announced, Announcer
from crypto_worker.consumers import WorkDesk
from crypto_worker.epochs import Epochs
from crypto_worker.errors import KeysetRefused
from crypto_worker.keyset import load_keyset
from crypto_worker.notes import Note
from crypto_worker.receipt import Signatory
from crypto_worker.reception import House
from crypto_worker.settings import Producers, Settings
from crypto_worker.store import TableVault
from crypto_worker.tenure import Tenure
from crypto_worker.work import WorkGate

SERVICE: Final = "crypto-worker"


async def serve(settings: Settings, handover_bus: Bus, audit_bus: Bus, database: Database, stop: asyncio.Event) -> None:
    """Until `stop` is set. Errors: KeysetRefused or SettingsError before anything is announced."""
    identity = SigningKey(read_secret(settings.identity_key_file))
    audit_key = SigningKey(read_secret(settings.audit_key_file))
    async with AuditTrail(audit_bus, settings.name, partial(sign_envelope, audit_key)) as audit:
        keyset = _keyset(settings, audit)
        worker = Worker(settings, identity, keyset, audit, handover_bus, database)
        await worker.run(stop)


class Worker:
    """All parts of one worker process, connected."""

    def __init__(
        self,
        settings: Settings,
        identity: SigningKey,
        keyset: Keyset,
        audit: AuditTrail,
        bus: Bus,
        database: Database,
    ) -> None:
        self._log = Log(SERVICE)
        self._tenure = Tenure(database, self._log, self._on_vault_lost)
        self._vault = TableVault(database, self._tenure.instance)
        house = House(
            bus=bus,
            vault=self._vault,
            keyset=keyset,
            signatory=Signatory(identity, keyset),
            audit=audit,
            log=self._log,
            credit_frames=settings.credit_frames,
        )
        epochs = Epochs(time.monotonic)
        announced = Announced(settings.name, uuid4(), identity, keyset.generation)
        gate = WorkGate(settings.name, announced.instance, pinned(settings.producers), epochs)
        self._desk = WorkDesk(house, identity, gate, settings.name, settings.lanes, self._can_store)
        self._announcer = Announcer(bus, self._log, announced, epochs, self._desk.capacity)

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then uploads under way fail, and what they left is discarded."""
        parts = (
            self._tenure.run(self._vault),
            self._desk.run(),
            self._announcer.run(),
            self._log.report_counts(),
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in parts]
            self._log.event(Note.STARTED)
            try:
                await stop.wait()
            finally:
                await self._desk.close()
                for task in tasks:
                    task.cancel()
        self._log.flush_counts()
        self._log.event(Note.STOPPED)

    def _can_store(self) -> bool:
        return self._tenure.instance() is not None

    def _on_vault_lost(self) -> None:
        self._desk.interrupt_all(FailCode.STORE)


def pinned(producers: Producers) -> Mapping[UploadKind, Mapping[str, VerifyKey]]:
    """Whose signature counts, for which kind of upload."""
    return {
        UploadKind.SUBMISSION: {name: VerifyKey.from_hex(key) for name, key in producers.submissions.items()},
        UploadKind.REPLY: {name: VerifyKey.from_hex(key) for name, key in producers.replies.items()},
    }


def _keyset(settings: Settings, audit: AuditTrail) -> Keyset:
    try:
        keyset = load_keyset(settings.keyset_file, bytes.fromhex(settings.root_public_key), settings.state_dir)
    except KeysetRefused:
        audit.record(EventName.KEYSET_REFUSED)
        raise
    audit.record(EventName.KEYSET_LOADED, generation=keyset.generation)
    return keyset
