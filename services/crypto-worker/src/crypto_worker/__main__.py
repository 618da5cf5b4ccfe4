"""`python -m crypto_worker --config FILE`: one worker against RabbitMQ and PostgreSQL."""

import asyncio
import sys

from chassis.amqp_line import AmqpSettings
from chassis.command import arguments, connected, start
from chassis.postgres import DatabaseSettings

from crypto_worker.app import SERVICE, serve
from crypto_worker.errors import WorkerError
from crypto_worker.settings import Settings


class ProcessSettings(Settings):
    """The settings file of a worker process."""

    broker: AmqpSettings
    database: DatabaseSettings


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go in reverse order."""
    async with connected(settings.broker, settings.database, "crypto_worker") as to:
        await serve(settings, to.handover, to.audit, to.database, stop)


if __name__ == "__main__":
    config = arguments("crypto_worker", __doc__).parse_args().config
    sys.exit(start(SERVICE, ProcessSettings, config, main, (WorkerError,)))
