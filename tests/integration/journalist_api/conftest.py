"""A running newsroom for one test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.journalist_api.newsroom import Newsroom
from tests.stack.postgres import PostgresServer


@pytest.fixture
async def newsroom(postgres: PostgresServer, database: str, tmp_path: Path) -> AsyncIterator[Newsroom]:
    """With a web app of one page, as these tests speak to the API."""
    spa_dir = tmp_path / "spa"
    spa_dir.mkdir()
    (spa_dir / "index.html").write_text("<!doctype html>")
    async with Newsroom(postgres, database, tmp_path, spa_dir).running() as running:
        yield running
