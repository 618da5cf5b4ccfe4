"""The four services as processes, shared by the tests of this directory."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System


@pytest.fixture(scope="module")
def system(postgres: PostgresServer, rabbitmq: RabbitServer) -> Iterator[System]:
    """All four, up and open."""
    made = System(Path(tempfile.mkdtemp(prefix="sealdrop-system-")), postgres, rabbitmq)
    try:
        yield made.start_all()
    finally:
        made.close()
