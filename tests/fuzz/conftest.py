"""Options of the malformed requests, and the services they are sent to."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("fuzz")
    group.addoption("--fuzz-seed", type=int, default=None, help="the first request's seed; a failure names it")
    group.addoption("--fuzz-count", type=int, default=None, help="how many requests; 1 replays one")


@pytest.fixture(scope="module")
def system(postgres: PostgresServer, rabbitmq: RabbitServer) -> Iterator[System]:
    """All four services, up and open."""
    made = System(Path(tempfile.mkdtemp(prefix="sealdrop-fuzz-")), postgres, rabbitmq)
    try:
        yield made.start_all()
    finally:
        made.close()
