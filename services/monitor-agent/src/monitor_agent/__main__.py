"""`python -m monitor_agent --config FILE`: the monitor against RabbitMQ."""

import argparse
import asyncio
import sys
from enum import Enum
from pathlib import Path

from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.errors import ChassisError
from chassis.logs import Log
from chassis.process import harden, run
from chassis.settings import load_for_service
from contract.topology import AUDIT_VHOST

from monitor_agent.app import SERVICE, serve
from monitor_agent.settings import MonitorSettings


class ProcessSettings(MonitorSettings):
    """The settings file of a monitor process."""

    broker: AmqpSettings


class Trouble(Enum):
    """What is logged here."""

    UNEXPECTED = "unexpected"


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go."""
    audit_bus = await AmqpBus.connect(settings.broker, AUDIT_VHOST)
    try:
        await serve(settings, audit_bus, stop)
    finally:
        await audit_bus.close()


def start() -> int:
    """The exit status: 0 when told to stop, 1 when it could not start or go on (a state directory that is full)."""
    parser = argparse.ArgumentParser(prog="monitor_agent", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    config: Path = parser.parse_args().config
    log = Log(SERVICE)
    try:
        harden()
        settings = load_for_service(ProcessSettings, config)
        run(lambda stop: main(settings, stop), log)
    except (ChassisError, OSError, ExceptionGroup) as error:
        log.error(Trouble.UNEXPECTED, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(start())
