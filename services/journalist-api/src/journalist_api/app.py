"""The composition root: everything is built here, from settings and the connections it is given."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final

from chassis.audit import AuditTrail
from chassis.bus import Bus
from chassis.logs import Log
from chassis.postgres import Database
from chassis.settings import read_secret
from chassis.web.headers import security_headers
from chassis.web.protocol import Guard
from chassis.web.raw import raw_answer
from chassis.web.server import Listen, open_listener
from chassis.web.server import serve as serve_web
from contract.audit import EventName
from handover.directory import WorkerDirectory
from handover.producer import HandOver
from sealing.signing import SigningKey, sign_envelope
from starlette.types import ASGIApp

from journalist_api import spa
from journalist_api.fence import StoreFence
from journalist_api.keyset import VerifiedKeyset, load_keyset
from journalist_api.login import Login
from journalist_api.notes import Note
from journalist_api.pins import check_pins
from journalist_api.room import Audit, Room
from journalist_api.sender import HandOverSender
from journalist_api.settings import JournalistSettings
from journalist_api.store import Store
from journalist_api.throttle import Throttle
from journalist_api.web import make

Background = Callable[[], Coroutine[Any, Any, None]]

SERVICE: Final = "journalist-api"
REFUSAL: Final = b"<!doctype html><title>400</title><p>The request is not understood.</p>\n"


async def serve(
    settings: JournalistSettings, handover_bus: Bus, audit_bus: Bus, database: Database, stop: asyncio.Event
) -> None:
    """Until `stop` is set. Errors: SettingsError, KeysetRefused, SpaError, PinsError before anything is answered."""
    audit_key = SigningKey(read_secret(settings.audit_key_file))
    keyset = load_keyset(settings.keyset_file, settings.root_public_key)
    files = _spa_files(settings, keyset)
    log = Log(SERVICE)
    async with AuditTrail(audit_bus, settings.name, partial(sign_envelope, audit_key)) as audit:
        audit.record(EventName.KEYSET_LOADED, generation=keyset.keyset.generation)
        store = Store(database)
        directory = _directory(settings, handover_bus, audit)
        hand_over = _hand_over(settings, handover_bus, directory, store, audit)
        throttle = Throttle()
        login = Login(store, read_secret(settings.totp_key_file), throttle)
        room = Room(store, login, HandOverSender(hand_over), keyset, audit)
        app = make(room, files, settings.demo, partial(log.error, Note.UNEXPECTED))
        log.event(Note.STARTED)
        await _run(settings, app, [directory.run, hand_over.run, log.report_counts], stop)
    log.event(Note.STOPPED)


def _spa_files(settings: JournalistSettings, keyset: VerifiedKeyset) -> list[spa.SpaFile]:
    files = spa.load(settings.spa_dir)
    check_pins(spa.body_of(files, spa.PINS), settings, keyset.keyset)
    return files


def _directory(settings: JournalistSettings, bus: Bus, audit: Audit) -> WorkerDirectory:
    keys = {name: bytes.fromhex(key) for name, key in settings.workers.items()}
    return WorkerDirectory(bus, settings.name, keys, notice=audit.record)


def _hand_over(
    settings: JournalistSettings, bus: Bus, directory: WorkerDirectory, store: Store, audit: Audit
) -> HandOver:
    key = SigningKey(read_secret(settings.signing_key_file))
    return HandOver(bus, settings.name, key, directory, StoreFence(store), notice=audit.record)


async def _run(settings: JournalistSettings, app: ASGIApp, parts: list[Background], stop: asyncio.Event) -> None:
    guard = Guard(raw_answer(400, REFUSAL, security_headers({})))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(part()) for part in parts]
        try:
            await serve_web(app, open_listener(Listen.parse(settings.listen)), guard, stop)
        finally:
            for task in tasks:
                task.cancel()
