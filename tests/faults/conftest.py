"""Options of the fault tests, and the ground they share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.ground import Ground
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--rounds", type=int, default=1, help="how often each kill is done")
    group.addoption("--fault-seed", type=int, default=1, help="what the rounds' contents and delays are drawn from")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Without tests/faults on the command line the options are not known in time: then their defaults count."""
    if "draw" in metafunc.fixturenames:
        seed = metafunc.config.getoption("--fault-seed", 1)
        rounds = metafunc.config.getoption("--rounds", 1)
        metafunc.parametrize("draw", [f"{seed}.{number}" for number in range(1, rounds + 1)])


@pytest.fixture(scope="module")
def ground(postgres: PostgresServer, rabbitmq: RabbitServer) -> Iterator[Ground]:
    """A system of its own, with proxies at its doors."""
    made = Ground(Path(tempfile.mkdtemp(prefix="sealdrop-faults-")), postgres, rabbitmq)
    try:
        yield made
    finally:
        made.close()
