"""`python -m journalist_api --config FILE`: the journalists' site against RabbitMQ and PostgreSQL."""

import argparse
import asyncio
import sys
from pathlib import Path

from chassis.amqp import AmqpBus
from chassis.errors import ChassisError
from chassis.logs import Log
from chassis.postgres import Database
from chassis.process import harden, run
from chassis.queries import Queries
from chassis.settings import load_for_service
from contract.topology import AUDIT_VHOST, HANDOVER_VHOST

from journalist_api.app import SERVICE, serve
from journalist_api.keyset import KeysetRefused, load_keyset
from journalist_api.notes import Note
from journalist_api.pins import PinsError, pins_json, pins_of
from journalist_api.settings import ProcessSettings
from journalist_api.spa import PINS, SpaError


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go in reverse order."""
    handover_bus = await AmqpBus.connect(settings.broker, HANDOVER_VHOST)
    audit_bus = await AmqpBus.connect(settings.broker, AUDIT_VHOST)
    try:
        database = await Database.connect(settings.database, SERVICE, Queries.load("journalist_api"))
        try:
            await serve(settings, handover_bus, audit_bus, database, stop)
        finally:
            await database.close()
    finally:
        await audit_bus.close()
        await handover_bus.close()


def write_pins(settings: ProcessSettings) -> None:
    """For deployment, as the owner of `spa_dir`: what the web app trusts. Errors: KeysetRefused, OSError."""
    keyset = load_keyset(settings.keyset_file, settings.root_public_key).keyset
    (settings.spa_dir / PINS).write_bytes(pins_json(pins_of(settings, keyset)))


def start() -> int:
    """The exit status: 0 when told to stop, 1 when it could not start or go on."""
    parser = argparse.ArgumentParser(prog="journalist_api", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--write-pins", action="store_true", help="write pins.json into spa_dir and exit")
    given = parser.parse_args()
    log = Log(SERVICE)
    try:
        settings = load_for_service(ProcessSettings, given.config)
        if given.write_pins:
            write_pins(settings)
            return 0
        harden()
        run(lambda stop: main(settings, stop), log)
    except (ChassisError, KeysetRefused, PinsError, SpaError) as error:
        log.error(Note.UNEXPECTED, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(start())
