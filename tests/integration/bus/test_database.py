"""chassis.postgres against a real server: by socket and by TLS, its errors, and the server going away."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from chassis.postgres import Database, DatabaseDown, DatabaseError, DatabaseSettings
from chassis.queries import Queries

from tests.stack.authority import TestAuthority
from tests.stack.postgres import SUPERUSER, PostgresServer

QUERIES = Queries.parse("""
-- name: make
CREATE TABLE note (id int PRIMARY KEY, text text NOT NULL)

-- name: add
INSERT INTO note VALUES ($1, $2)

-- name: all
SELECT id, text FROM note ORDER BY id

-- name: count
SELECT count(*) FROM note

-- name: lock
LOCK TABLE note IN SHARE MODE

-- name: one
SELECT text FROM note WHERE id = $1

-- name: sleep
SELECT pg_sleep($1)

-- name: whoami
SELECT current_user || ' ' || current_setting('application_name') || ' ' || ssl
FROM pg_stat_ssl WHERE pid = pg_backend_pid()
""")


@pytest.fixture(scope="module")
def server(authority: TestAuthority) -> Iterator[PostgresServer]:
    """A server of its own: these tests kill it."""
    own = PostgresServer(authority)
    yield own
    own.close()


@pytest.fixture
def settings(server: PostgresServer) -> Iterator[DatabaseSettings]:
    name = server.empty_database()
    yield DatabaseSettings(
        user=SUPERUSER, database=name, socket_dir=server.socket_dir, port=server.port, call_seconds=2
    )
    server.drop_database(name)


@pytest.fixture
async def database(settings: DatabaseSettings) -> AsyncIterator[Database]:
    made = await Database.connect(settings, "example", QUERIES)
    await made.execute("make")
    yield made
    await made.close()


def is_up(database: Database) -> bool:
    """A function, because a type checker takes a property for constant."""
    return database.is_up


async def test_statements_run_by_name(database: Database) -> None:
    await database.execute("add", 1, "first")
    await database.execute("add", 2, "second")

    assert [tuple(row) for row in await database.fetch("all")] == [(1, "first"), (2, "second")]
    assert await database.fetchval("count") == 2
    row = await database.fetchrow("one", 2)
    assert row is not None
    assert row["text"] == "second"
    assert await database.fetchrow("one", 3) is None


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute("add", 1, "kept")
    with pytest.raises(RuntimeError, match="changed my mind"):
        async with database.transaction() as session:
            await session.execute("add", 2, "dropped")
            raise RuntimeError("changed my mind")

    assert await database.fetchval("count") == 1


async def test_rows_can_be_copied_in(database: Database) -> None:
    async with database.session() as session:
        await session.copy("note", ["id", "text"], [(number, "x") for number in range(1000)])

    assert await database.fetchval("count") == 1000


async def test_an_error_of_the_server_keeps_the_input_to_itself(database: Database) -> None:
    await database.execute("add", 1, "first")

    with pytest.raises(DatabaseError) as caught:
        await database.execute("add", 1, "the secret text")

    assert caught.value.sqlstate == "23505"
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert database.is_up


async def test_an_argument_of_another_type_is_an_error_without_the_argument(database: Database) -> None:
    with pytest.raises(DatabaseError) as caught:
        await database.execute("add", "the secret text", "x")

    assert not isinstance(caught.value, DatabaseDown)
    assert "secret" not in str(caught.value)


async def test_a_call_that_takes_too_long_ends(database: Database) -> None:
    began = asyncio.get_running_loop().time()

    with pytest.raises(DatabaseDown):
        await database.fetchval("sleep", 30)

    assert asyncio.get_running_loop().time() - began < 5


async def test_tls_with_a_client_certificate_is_a_way_in(server: PostgresServer, settings: DatabaseSettings) -> None:
    certificate, key = server.client_cert(SUPERUSER)
    over_tls = DatabaseSettings(
        user=SUPERUSER,
        database=settings.database,
        host=server.host,
        port=server.port,
        ca_file=server.ca_file,
        cert_file=certificate,
        key_file=key,
    )

    database = await Database.connect(over_tls, "example", QUERIES)

    assert await database.fetchval("whoami") == f"{SUPERUSER} example true"
    await database.close()


async def test_a_server_that_is_not_there_is_down_at_connecting(settings: DatabaseSettings) -> None:
    nowhere = settings.model_copy(update={"port": 1})

    with pytest.raises(DatabaseDown):
        await Database.connect(nowhere, "example", QUERIES)


async def test_a_killed_server_is_down_and_up_again_after_it_is_back(
    server: PostgresServer, database: Database
) -> None:
    server.kill()
    with pytest.raises(DatabaseError):
        await database.fetchval("count")
    with pytest.raises(DatabaseDown):
        await database.fetchval("count")
    assert not is_up(database)

    server.start()
    async with asyncio.timeout(30):
        while True:
            try:
                await database.fetchval("count")
                break
            except DatabaseError:
                await asyncio.sleep(0.1)
    assert is_up(database)


async def test_a_transaction_whose_connection_was_lost_ends_with_an_error_of_ours(
    server: PostgresServer, database: Database
) -> None:
    """asyncpg refuses even the rollback, and at once instead of when it is awaited."""
    try:
        with pytest.raises(DatabaseError):
            async with database.transaction() as session:
                server.kill()
                await asyncio.sleep(0.1)  # the loop hears of it
                await session.execute("add", 1, "lost")
        with pytest.raises(DatabaseError):
            async with database.transaction():
                pass
    finally:
        server.restart()


async def test_copying_ends_when_the_server_dies_while_it_takes_nothing(
    server: PostgresServer, settings: DatabaseSettings, database: Database
) -> None:
    """asyncpg itself would wait for room in a connection that is no more, without a limit."""
    patient = await Database.connect(settings.model_copy(update={"call_seconds": 60}), "example", QUERIES)
    rows = [(number, "x" * 100_000) for number in range(100)]
    try:
        async with database.transaction() as holder:
            await holder.execute("lock")
            copying = asyncio.create_task(copied(patient, rows))
            await asyncio.sleep(1)
            server.kill()
            with pytest.raises(DatabaseDown):
                await asyncio.wait_for(copying, 10)
    except DatabaseError:
        pass  # the holder's own end
    finally:
        server.restart()
        await patient.close()


async def test_copying_ends_after_its_time_when_the_server_takes_nothing(
    settings: DatabaseSettings, database: Database
) -> None:
    rows = [(number, "x" * 100_000) for number in range(100)]
    hurried = await Database.connect(settings.model_copy(update={"call_seconds": 1}), "example", QUERIES)

    async with database.transaction() as holder:
        await holder.execute("lock")
        with pytest.raises(DatabaseDown):
            await asyncio.wait_for(copied(hurried, rows), 10)

    assert await database.fetchval("count") == 0
    await hurried.close()


async def copied(database: Database, rows: list[tuple[int, str]]) -> None:
    async with database.session() as session:
        await session.copy("note", ["id", "text"], rows)
