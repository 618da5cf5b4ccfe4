"""A migrated database for these tests, and connections to it as each role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from ctl.migrate import migrate

from tests.integration.postgres.uploads import Connection, WorkerInstance
from tests.stack.postgres import PostgresServer

Connect = Callable[[str], Awaitable[Connection]]


@pytest.fixture(scope="session")
def template(postgres: PostgresServer) -> str:
    """A database that deploy/postgres has been applied to; nobody connects to it."""
    name = postgres.empty_database()
    asyncio.run(migrate(postgres.dsn("postgres", name)))
    return name


@pytest.fixture
def migrated(postgres: PostgresServer, template: str) -> Iterator[str]:
    """Name of a fresh database with our schema. Rights on the database itself are not copied: see test_grants.py."""
    name = f"of_{uuid4().hex}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
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
