"""Systems for measuring: roomy limits, because it is not the limits that are measured."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from ctl.installation import SOURCE

from tests.stack.people import JournalistClient
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System

#: 2 GiB of file and the form around it; as many sessions as the long form of test_order_and_time.py opens.
ROOMY: Final = {SOURCE: {"max_request_bytes": 2050 * 1024 * 1024, "most_sessions": 5000}}


@pytest.fixture(scope="module")
def system(postgres: PostgresServer, rabbitmq: RabbitServer) -> Iterator[System]:
    """All four services, up and open, and fresh for each file of tests."""
    made = System(Path(tempfile.mkdtemp(prefix="sealdrop-promises-")), postgres, rabbitmq, settings=ROOMY)
    try:
        yield made.start_all()
    finally:
        made.close()


@pytest.fixture(scope="module")
def journalist(system: System) -> Iterator[JournalistClient]:
    """Logged in once: a one-time code serves once."""
    with JournalistClient(system) as client:
        yield client.log_in()
