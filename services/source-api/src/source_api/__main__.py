"""`python -m source_api --config FILE`: the sources' site against RabbitMQ and PostgreSQL."""

import asyncio
import sys

from chassis.command import arguments, connected, start

from source_api.app import SERVICE, serve
from source_api.settings import ProcessSettings


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go in reverse order."""
    async with connected(settings.broker, settings.database, "source_api") as to:
        await serve(settings, to.handover, to.audit, to.database, stop)


if __name__ == "__main__":
    sys.exit(start(SERVICE, ProcessSettings, arguments("source_api", __doc__).parse_args().config, main))
