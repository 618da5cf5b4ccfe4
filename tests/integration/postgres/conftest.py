"""A migrated database for these tests, and connections to it as each role."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from ctl.migrate import migrate

from tests.integration.postgres.uploads import Connection, WorkerInstance
from tests.stack.postgres import PostgresServer

Connect = Callable[[str], Awaitable[Connection]]


@pytest.fixture
async def migrated(postgres: PostgresServer) -> AsyncIterator[str]:
    """Name of a database that deploy/postgres has just been applied to."""
    name = postgres.empty_database()
    await migrate(postgres.dsn("postgres", name))
    yield name
    postgres.drop_database(name)


@pytest.fixture
async def connect(postgres: PostgresServer, migrated: str) -> AsyncIterator[Connect]:
    """Opens connections: `await connect("sealdrop_worker")`."""
    opened: list[Any] = []

    async def open_one(role: str) -> Connection:
        opened.append(await asyncpg.connect(postgres.dsn(role, migrated)))
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.terminate()


@pytest.fixture
async def owner(connect: Connect) -> Connection:
    """A superuser, for looking behind the functions."""
    return await connect("postgres")


@pytest.fixture
async def worker(connect: Connect) -> WorkerInstance:
    """A crypto-worker instance that lives until the test ends."""
    return await WorkerInstance.start(await connect("sealdrop_worker"), await connect("sealdrop_worker"))


@pytest.fixture
async def source(connect: Connect) -> Connection:
    return await connect("sealdrop_source")


@pytest.fixture
async def journalist(connect: Connect) -> Connection:
    return await connect("sealdrop_journalist")


@pytest.fixture
async def admin(connect: Connect) -> Connection:
    return await connect("sealdrop_admin")


@pytest.fixture(autouse=True)
def _no_libpq_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The libpq variables of whoever runs the tests do not reach them."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGSERVICE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)
    yield
