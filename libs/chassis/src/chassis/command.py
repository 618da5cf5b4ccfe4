"""A service as a process of its own: `python -m ROOM --config FILE`. What the four have in common."""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from contract.topology import AUDIT_VHOST, HANDOVER_VHOST

from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from chassis.errors import ChassisError
from chassis.logs import Log
from chassis.postgres import Database, DatabaseSettings
from chassis.process import harden, run
from chassis.queries import Queries
from chassis.settings import Settings, load_for_service

S = TypeVar("S", bound=Settings)


class Trouble(Enum):
    """What is logged here, with the error's class."""

    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Connections:
    """What a service between broker and database works with."""

    handover: AmqpBus
    audit: AmqpBus
    database: Database


@asynccontextmanager
async def connected(broker: AmqpSettings, database: DatabaseSettings, package: str) -> AsyncGenerator[Connections]:
    """Opened in order, let go in reverse. `package` carries the service's queries. Errors: BusError, DatabaseError."""
    async with AsyncExitStack() as stack:
        handover = await AmqpBus.connect(broker, HANDOVER_VHOST)
        stack.push_async_callback(handover.close)
        audit = await AmqpBus.connect(broker, AUDIT_VHOST)
        stack.push_async_callback(audit.close)
        pool = await Database.connect(database, package.replace("_", "-"), Queries.load(package))
        stack.push_async_callback(pool.close)
        yield Connections(handover, audit, pool)


def arguments(program: str, about: str | None) -> argparse.ArgumentParser:
    """The parser every service has: `--config FILE`."""
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("--config", type=Path, required=True)
    return parser


def start(
    service: str,
    model: type[S],
    config: Path,
    main: Callable[[S, asyncio.Event], Awaitable[None]],
    errors: tuple[type[Exception], ...] = (),
) -> int:
    """The exit status: 0 when told to stop, 1 when it could not start or go on: a ChassisError or one of `errors`."""
    log = Log(service)
    expected: tuple[type[Exception], ...] = (ChassisError, *errors)
    try:
        harden()
        settings = load_for_service(model, config)
        run(lambda stop: main(settings, stop), log)
    except expected as error:
        log.error(Trouble.UNEXPECTED, error)
        return 1
    return 0
