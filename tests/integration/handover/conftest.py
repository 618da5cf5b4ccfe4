"""A newsroom over each of the two buses."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.integration.handover.newsroom import InProcessWires, Newsroom, RabbitWires
from tests.stack.postgres import PostgresServer


@pytest.fixture(params=["in-process", "rabbitmq"])
async def newsroom(
    request: pytest.FixtureRequest, postgres: PostgresServer, database: str, tmp_path: Path
) -> AsyncGenerator[Newsroom]:
    wires = InProcessWires() if request.param == "in-process" else RabbitWires(request.getfixturevalue("rabbitmq"))
    async with Newsroom(wires, postgres, database, tmp_path) as made:
        yield made


@pytest.fixture
async def small_newsroom(postgres: PostgresServer, database: str, tmp_path: Path) -> AsyncGenerator[Newsroom]:
    """On the in-process bus only: for what takes long, or does not concern the broker."""
    async with Newsroom(InProcessWires(), postgres, database, tmp_path) as made:
        yield made
