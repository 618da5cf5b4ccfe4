"""`python -m crypto_worker --config FILE`: one worker against RabbitMQ and PostgreSQL."""

import argparse
import asyncio
import sys
from pathlib import Path

from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.errors import ChassisError
from chassis.logs import Log
from chassis.postgres import Database, DatabaseSettings
from chassis.process import harden, run
from chassis.queries import Queries
from chassis.settings import load_for_service
from contract.topology import AUDIT_VHOST, HANDOVER_VHOST

from crypto_worker.app import SERVICE, serve
from crypto_worker.errors import WorkerError
from crypto_worker.notes import Note
from crypto_worker.settings import Settings


class ProcessSettings(Settings):
    """The settings file of a worker process."""

    broker: AmqpSettings
    database: DatabaseSettings


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go in reverse order."""
    handover_bus = await AmqpBus.connect(settings.broker, HANDOVER_VHOST)
    audit_bus = await AmqpBus.connect(settings.broker, AUDIT_VHOST)
    try:
        database = await Database.connect(settings.database, SERVICE, Queries.load("crypto_worker"))
        try:
            await serve(settings, handover_bus, audit_bus, database, stop)
        finally:
            await database.close()
    finally:
        await audit_bus.close()
        await handover_bus.close()


def start() -> int:
    """The exit status: 0 when told to stop, 1 when it could not start or go on."""
    parser = argparse.ArgumentParser(prog="crypto_worker", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    config: Path = parser.parse_args().config
    log = Log(SERVICE)
    try:
        harden()
        settings = load_for_service(ProcessSettings, config)
        run(lambda stop: main(settings, stop), log)
    except (ChassisError, WorkerError) as error:
        log.error(Note.UNEXPECTED, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(start())
