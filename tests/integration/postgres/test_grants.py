"""The walls between the services, as the database sees them: who may do what is written in golden_grants.txt."""

import asyncio
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from ctl.migrate import migrate

from tests.integration.postgres.conftest import Connect
from tests.integration.postgres.uploads import Connection, Upload, WorkerInstance, refused
from tests.stack.postgres import PostgresServer

HERE = Path(__file__).parent
ROLES = ("sealdrop_source", "sealdrop_journalist", "sealdrop_worker", "sealdrop_admin")
STATEMENTS = {
    "SELECT": "SELECT * FROM sealdrop.{table}",
    "UPDATE": "UPDATE sealdrop.{table} SET {column} = {column}",
    "DELETE": "DELETE FROM sealdrop.{table}",
    "TRUNCATE": "TRUNCATE sealdrop.{table} CASCADE",
    "LOCK": "LOCK TABLE sealdrop.{table} IN ACCESS EXCLUSIVE MODE",
    "INSERT": "INSERT INTO sealdrop.{table} DEFAULT VALUES",
}


@pytest.fixture(scope="module")
def migrated(postgres: PostgresServer) -> Iterator[str]:
    """One database for all of these tests, migrated in place: a copy of another has PostgreSQL's default rights."""
    name = postgres.empty_database()
    asyncio.run(migrate(postgres.dsn("postgres", name)))
    yield name
    postgres.drop_database(name)


async def test_grants_are_the_golden_ones(owner: Connection) -> None:
    actual = sorted(row["line"] for row in await owner.fetch((HERE / "grants.sql").read_text()))

    assert actual == (HERE / "golden_grants.txt").read_text().splitlines()


async def test_no_role_touches_a_table_but_the_worker_adding_chunks(connect: Connect, owner: Connection) -> None:
    columns = await owner.fetch(
        "SELECT table_name, min(column_name) AS column FROM information_schema.columns"
        " WHERE table_schema = 'sealdrop' GROUP BY table_name"
    )
    assert len(columns) >= 9

    for role in ROLES:
        connection = await connect(role)
        for row, (word, statement) in product(columns, STATEMENTS.items()):
            if (role, row["table_name"], word) == ("sealdrop_worker", "vault_chunk", "INSERT"):
                continue
            async with refused("42501", quoting=True), connection.transaction():
                await connection.execute(statement.format(table=row["table_name"], column=row["column"]))


async def test_no_role_calls_a_function_of_another(connect: Connect, owner: Connection) -> None:
    functions = await owner.fetch(
        "SELECT proname, oid::regprocedure::text AS call, proargtypes::regtype[]::text[] AS types FROM pg_proc"
        " WHERE pronamespace = 'sealdrop'::regnamespace AND prorettype <> 'trigger'::regtype"
    )

    for role in ROLES:
        connection = await connect(role)
        for function in functions:
            if function["proname"].split("_")[0] == role.removeprefix("sealdrop_"):
                continue
            arguments = ", ".join(f"NULL::{name}" for name in function["types"])
            async with refused("42501", quoting=True):
                await connection.execute(f"SELECT sealdrop.{function['proname']}({arguments})")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMP TABLE hidden (x int)",
        "CREATE TABLE public.hidden (x int)",
        "CREATE TABLE sealdrop.hidden (x int)",
        "CREATE SCHEMA hidden",
        "CREATE FUNCTION sealdrop.hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DO $$ BEGIN NULL; END $$",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'hidden')",
        "SELECT pg_read_file('PG_VERSION')",
        "SELECT pg_ls_waldir()",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/hidden'",
        "SET ROLE sealdrop_owner",
        "SET SESSION AUTHORIZATION postgres",
        "SELECT rolpassword FROM pg_authid",
    ],
)
async def test_a_role_cannot_keep_or_run_anything_of_its_own(connect: Connect, statement: str) -> None:
    for role in ROLES:
        connection = await connect(role)
        async with refused("42501", quoting=True):
            await connection.execute(statement)


async def test_the_worker_cannot_read_back_or_overwrite_what_it_adds(worker: WorkerInstance) -> None:
    upload = Upload()
    await worker.open(upload)
    item = upload.items[0].id
    insert = "INSERT INTO sealdrop.vault_chunk (item_id, seq, sealed) VALUES ($1, 0, 'other') ON CONFLICT "

    async with refused("42501", quoting=True):
        await worker.db.execute(insert + "(item_id, seq) DO UPDATE SET sealed = excluded.sealed", item)
    async with refused("42501", quoting=True):
        await worker.db.execute(
            "INSERT INTO sealdrop.vault_chunk (item_id, seq, sealed) VALUES ($1, 1, 'x') RETURNING sealed", item
        )
    async with refused("42501", quoting=True):
        await worker.db.execute("COPY sealdrop.vault_chunk TO STDOUT")


async def test_a_function_nobody_granted_is_closed(connect: Connect, owner: Connection) -> None:
    await owner.execute("SET ROLE sealdrop_owner")
    await owner.execute("CREATE FUNCTION sealdrop.forgotten() RETURNS int LANGUAGE sql AS 'SELECT 1'")

    try:
        for role in ROLES:
            connection = await connect(role)
            async with refused("42501", quoting=True):
                await connection.execute("SELECT sealdrop.forgotten()")
    finally:
        await owner.execute("DROP FUNCTION sealdrop.forgotten()")


async def test_every_function_says_where_names_are_looked_up(owner: Connection) -> None:
    loose = await owner.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'sealdrop'::regnamespace"
        " AND (NOT prosecdef OR proconfig IS DISTINCT FROM ARRAY['search_path=pg_catalog, pg_temp'])"
    )
    assert loose == []
