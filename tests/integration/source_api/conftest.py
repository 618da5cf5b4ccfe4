"""A running newsroom for one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.source_api.newsroom import Newsroom, Visitor
from tests.stack.postgres import PostgresServer


@pytest.fixture
async def newsroom(
    postgres: PostgresServer, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Newsroom]:
    """`@pytest.mark.parametrize("newsroom", [{setting: value}], indirect=True)` changes settings of source-api."""
    async with Newsroom(postgres, database, tmp_path, getattr(request, "param", {})).running() as running:
        yield running


@pytest.fixture
async def visitor(newsroom: Newsroom) -> AsyncIterator[Visitor]:
    async with Visitor(newsroom.url) as made:
        yield made
