"""What chassis.postgres makes of a pool that fails in ways a real server seldom shows."""

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from chassis.postgres import Database, DatabaseDown
from chassis.queries import Queries

QUERIES = Queries.parse("-- name: one\nSELECT 1")


class FailingPool:
    """Nobody gets a connection."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def acquire(self, **_: object) -> None:
        raise self._error


@pytest.mark.parametrize("kind", [asyncpg.InternalClientError, asyncpg.InterfaceError, OSError, TimeoutError])
async def test_a_pool_that_gives_no_connection_is_a_database_that_is_down(kind: type[Exception]) -> None:
    """InternalClientError: a reconnect in the background and a call at the same moment, both for one place."""
    database = Database(FailingPool(kind("quotes something")), QUERIES, 1.0)

    with pytest.raises(DatabaseDown) as caught:
        await database.fetchval("one")

    assert "quotes" not in str(caught.value)
