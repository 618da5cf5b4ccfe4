"""The schema: its past and its present agree, and it says no time finer than a day about a source."""

import re
import shutil
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from ctl.migrate import RESTATED, SQL_DIR, MigrationError, migrate, missing_migrations, read_migrations, read_restated

from tests.integration.postgres.uploads import Connection
from tests.stack.postgres import PostgresServer
from tests.stack.process import require_tool, run

STAFF_TABLES = {"journalist_session"}  #: times are allowed here
OTHER_DATES = {("source", "newest_day", "date")}


def dump(server: PostgresServer, database: str) -> str:
    """The schema as pg_dump writes it, without what differs from run to run."""
    login = ["-h", str(server.socket_dir), "-p", str(server.port), "-U", "postgres"]
    text = run([require_tool("pg_dump"), "-s", *login, database], server.directory)
    return re.sub(r"^(--.*|\\(un)?restrict .*|)\n", "", text, flags=re.MULTILINE)


async def test_migrations_from_nothing_make_schema_sql(postgres: PostgresServer, migrated: str) -> None:
    present = postgres.empty_database()
    connection = await asyncpg.connect(postgres.dsn("postgres", present))
    for text in ("roles.sql", "schema.sql", None):
        if text == "schema.sql":
            await connection.execute("SET ROLE sealdrop_owner")
        await connection.execute("BEGIN;" + (read_restated(SQL_DIR) if text is None else (SQL_DIR / text).read_text()))
        await connection.execute("COMMIT")
    await connection.close()

    try:
        assert "CREATE TABLE sealdrop.vault_chunk" in dump(postgres, present)
        assert dump(postgres, migrated) == dump(postgres, present)
    finally:
        postgres.drop_database(present)


async def test_migrating_again_changes_nothing(postgres: PostgresServer, migrated: str, owner: Connection) -> None:
    oids = "SELECT array_agg(oid ORDER BY oid) FROM pg_proc WHERE pronamespace = 'sealdrop'::regnamespace"
    before = await owner.fetchval(oids)

    assert await migrate(owner) == []
    assert await owner.fetchval(oids) == before


async def test_changed_functions_are_restated_without_touching_rows(
    owner: Connection, tmp_path: Path, postgres: PostgresServer
) -> None:
    shutil.copytree(SQL_DIR, tmp_path / "sql")
    source = tmp_path / "sql" / "functions" / "source.sql"
    source.write_text(source.read_text().replace("source_find(p_lookup bytea) RETURNS", "source_find(x bytea) RETURNS"))
    source.write_text(source.read_text().replace("s.lookup_id = p_lookup $$", "s.lookup_id = x $$", 1))
    day = "INSERT INTO sealdrop.source VALUES (gen_random_uuid(), $1, 'r', 'c', 'd', '2020-01-01')"
    await owner.execute(day, bytes(32))

    assert await migrate(owner, tmp_path / "sql") == [RESTATED]
    assert await owner.fetchval("SELECT count(*) FROM sealdrop.source") == 1


async def test_a_failing_migration_leaves_the_database_as_it_was(owner: Connection, tmp_path: Path) -> None:
    shutil.copytree(SQL_DIR, tmp_path / "sql")
    (tmp_path / "sql" / "migrations" / "0003_broken.sql").write_text("CREATE TABLE sealdrop.half (); SELECT 1 / 0;")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(owner, tmp_path / "sql")

    assert await owner.fetchval("SELECT to_regclass('sealdrop.half')") is None
    assert await owner.fetchval("SELECT current_user") == "postgres"


def test_a_past_that_was_edited_or_is_unknown_or_out_of_order_is_refused() -> None:
    past = {"0001_a.sql": "a", "0002_b.sql": "b"}
    sha_a = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
    sha_b = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"

    assert missing_migrations({"0001_a.sql": sha_a, RESTATED: "x"}, past) == {"0002_b.sql": "b"}
    for applied in ({"0001_a.sql": sha_b}, {"0009_z.sql": sha_a}, {"0002_b.sql": sha_b}):
        with pytest.raises(MigrationError):
            missing_migrations(applied, past)


def test_migrations_are_numbered_without_a_gap(tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    for names in ([], ["0002_b.sql"], ["0002_b.sql", "1_a.sql"]):
        for name in names:
            (tmp_path / "migrations" / name).write_text("")
        with pytest.raises(MigrationError):
            read_migrations(tmp_path)


async def test_nothing_about_a_source_is_finer_than_a_day(owner: Connection) -> None:
    timed = await owner.fetch(
        "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'sealdrop'"
        " AND (data_type ~ '^(time|date|interval|timestamp)' OR column_name ~ '(time|_at|day|date|since|until)$')"
    )

    assert {tuple(row) for row in timed if row["table_name"] not in STAFF_TABLES} == OTHER_DATES


async def test_nothing_counts_across_sources(owner: Connection) -> None:
    assert await owner.fetch("SELECT relname FROM pg_class WHERE relkind = 'S'") == []
    generated = await owner.fetch(
        "SELECT table_name, column_name, column_default FROM information_schema.columns WHERE table_schema = 'sealdrop'"
        " AND (is_identity = 'YES' OR column_default ~ 'nextval|now|uuidv7|clock|current')"
    )
    assert generated == []
    assert await owner.fetchval("SHOW track_commit_timestamp") == "off"


async def test_chunks_are_stored_uncompressed(owner: Connection) -> None:
    query = (
        "SELECT attstorage::text FROM pg_attribute"
        " WHERE attrelid = 'sealdrop.vault_chunk'::regclass AND attname = 'sealed'"
    )
    assert await owner.fetchval(query) == "e"


async def test_no_statistics_copy_what_is_known_of_a_source(owner: Connection) -> None:
    gathered = await owner.fetch(
        "SELECT DISTINCT relname AS name FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
        " WHERE relnamespace = 'sealdrop'::regnamespace AND relkind = 'r'"
        " AND attnum > 0 AND attstattarget IS DISTINCT FROM 0"
    )

    assert {row["name"] for row in gathered} == STAFF_TABLES | {"journalist", "migration"}
