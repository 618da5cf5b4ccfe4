"""The composition root: everything is built here, from settings and the connections it is given."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Final
from uuid import UUID

from chassis.audit import AuditTrail
from chassis.bus import Bus
from chassis.logs import Log
from chassis.postgres import Database, DatabaseError
from chassis.settings import read_secret
from chassis.web.server import Listen, open_listener
from chassis.web.server import serve as serve_web
from contract.audit import EventName
from handover.directory import WorkerDirectory
from handover.producer import HandOver
from sealing.signing import SigningKey, VerifyKey, sign_envelope

from source_api.availability import Availability
from source_api.derivation import Derivation
from source_api.desk import Desk, Rules
from source_api.gate import Gate
from source_api.inbox import Inbox
from source_api.keyset import KeysetCopy
from source_api.notes import Count, Note
from source_api.pages import Pages
from source_api.protocol import guard_for
from source_api.room import Room
from source_api.sessions import Sessions
from source_api.settings import SourceSettings
from source_api.store import Fence, Store
from source_api.tokens import FormTokens
from source_api.web import make
from source_api.words import load_words

SERVICE: Final = "source-api"
_MINUTE: Final = 60.0

Background = Callable[[], Coroutine[Any, Any, None]]


async def serve(
    settings: SourceSettings, handover_bus: Bus, audit_bus: Bus, database: Database, stop: asyncio.Event
) -> None:
    """Until `stop` is set. Errors: SettingsError, ListenError before anything is answered."""
    audit_key = SigningKey(read_secret(settings.audit_key_file))
    async with AuditTrail(audit_bus, settings.name, partial(sign_envelope, audit_key)) as audit:
        house = _House(settings, handover_bus, audit, database, stop)
        try:
            await house.run()
        finally:
            house.derivation.close()


class _House:
    """All parts of the service, connected."""

    def __init__(
        self, settings: SourceSettings, bus: Bus, audit: AuditTrail, database: Database, stop: asyncio.Event
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._log = Log(SERVICE)
        self._store = Store(database)
        self._settling: set[asyncio.Task[None]] = set()
        keys = {name: bytes.fromhex(key) for name, key in settings.workers.items()}
        self._directory = WorkerDirectory(bus, settings.name, keys, notice=audit.record)
        signing_key = SigningKey(read_secret(settings.signing_key_file))
        self._hand_over = HandOver(
            bus, settings.name, signing_key, self._directory, Fence(database), notice=audit.record
        )
        self._keyset = KeysetCopy(
            settings.keyset_file,
            bytes.fromhex(settings.root_public_key),
            lambda name, generation: audit.record(name, generation=generation),
        )
        self._availability = Availability(self._hand_over, self._keyset, partial(self._on_change, audit))
        self._sessions = Sessions(
            settings.most_sessions, settings.idle_minutes * _MINUTE, settings.absolute_minutes * _MINUTE
        )
        self.derivation = Derivation(load_words(), settings.deployment_id, read_secret(settings.pepper_file))
        self._room = self._make_room()

    async def run(self) -> None:
        """Serves; when told to stop, ends what runs beside the web server."""
        self._keyset.check()
        app = make(self._room, partial(self._log.count, Note.UNEXPECTED))  # on the hour: it may be a source's moment
        guard = guard_for(self._room.pages, self._settings.expects_proxy_line)
        parts: tuple[Background, ...] = (
            self._directory.run,
            self._hand_over.run,
            self._keyset.run,
            self._availability.run,
            self._sweep,
            self._log.report_counts,
        )
        listener = open_listener(Listen.parse(self._settings.listen))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part()) for part in parts]
            self._log.event(Note.STARTED)
            try:
                await serve_web(app, listener, guard, self._stop)
            finally:
                for task in (*tasks, *self._settling):
                    task.cancel()
        self._log.flush_counts()
        self._log.event(Note.STOPPED)

    def _make_room(self) -> Room:
        settings = self._settings
        workers = [VerifyKey.from_hex(key) for key in settings.workers.values()]
        desk = Desk(
            Rules(settings.max_request_bytes, self._availability.is_open, self._on_stored),
            Gate(settings.most_uploads, settings.most_uploads_per_circuit),
            self._hand_over,
            self._sessions,
            FormTokens(read_secret(settings.form_key_file)),
            self.derivation,
        )
        return Room(
            settings=settings,
            pages=Pages(settings.newsroom, settings.demo, settings.max_request_bytes, self.derivation.word_count),
            desk=desk,
            inbox=Inbox(self._store, self.derivation, workers),
            is_stopping=self._stop.is_set,
            on_refusal=partial(self._log.count, Count.REFUSED_POST),
        )

    async def _sweep(self) -> None:
        """Ends sessions that are over: a codename does not stay in memory because nobody asks."""
        while True:
            await asyncio.sleep(_MINUTE)
            self._sessions.sweep()

    def _on_stored(self, upload_id: UUID) -> None:
        task = asyncio.create_task(self._settle(upload_id))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, upload_id: UUID) -> None:
        """Tidying up: if the database is away, its own daily sweep does it."""
        with suppress(DatabaseError):
            await self._store.settled(upload_id)

    def _on_change(self, audit: AuditTrail, name: EventName) -> None:
        audit.record(name)
        self._log.event(Note.OPEN if name is EventName.WORKER_AVAILABLE else Note.NOT_OPEN)
