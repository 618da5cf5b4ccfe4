"""`python -m monitor_agent --config FILE`: the monitor against RabbitMQ."""

import asyncio
import sys

from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.command import arguments, start
from contract.topology import AUDIT_VHOST

from monitor_agent.app import SERVICE, serve
from monitor_agent.settings import MonitorSettings


class ProcessSettings(MonitorSettings):
    """The settings file of a monitor process."""

    broker: AmqpSettings


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go."""
    audit_bus = await AmqpBus.connect(settings.broker, AUDIT_VHOST)
    try:
        await serve(settings, audit_bus, stop)
    finally:
        await audit_bus.close()


if __name__ == "__main__":
    config = arguments("monitor_agent", __doc__).parse_args().config
    # OSError: a state directory that is full.
    sys.exit(start(SERVICE, ProcessSettings, config, main, (OSError, ExceptionGroup)))
