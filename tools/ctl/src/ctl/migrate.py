"""Bring a database to the schema in deploy/postgres: roles, migrations not yet applied, functions, grants.

Theory: migrations change tables and are each applied once, in order. Functions and grants have no past worth keeping:
whenever their text has changed they are dropped and restated whole. All of it is one transaction under one lock,
so nobody ever sees a database half way, and two operators cannot meet in it.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types

SQL_DIR: Final = Path(__file__).parents[4] / "deploy" / "postgres"  #: as the repository has it
MIGRATE_LOCK: Final = 7_309_453_671  #: advisory lock of this program; any constant does
RESTATED: Final = "functions"  #: the name under which the database keeps the hash of functions/ and grants.sql
_NAME: Final = re.compile(r"\d{4}_[a-z0-9_]+\.sql")


class MigrationError(Exception):
    """The past in the database and the past in the directory do not agree, or the directory is not one of ours."""


async def migrate(target: str | asyncpg.Connection, sql_dir: Path = SQL_DIR) -> list[str]:
    """Apply what is missing; answer the names of what was applied (empty: nothing to do).

    Shape: `target` is a DSN or an open connection of a superuser, in the database to migrate.
    Errors: MigrationError; asyncpg.PostgresError from a statement. Either way nothing has changed.
    """
    migrations, restated = read_migrations(sql_dir), read_restated(sql_dir)
    async with _connection(target) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATE_LOCK)
        await connection.execute(_read(sql_dir / "roles.sql"))
        await connection.execute("SET LOCAL ROLE sealdrop_owner")
        applied = await _applied(connection)
        missing = missing_migrations(applied, migrations)
        for name, text in missing.items():
            await connection.execute(text)
            await _remember(connection, name, text)
        if not missing and applied.get(RESTATED) == _sha256(restated):
            return []
        await restate(connection, restated)
        await _remember(connection, RESTATED, restated)
        return [*missing, RESTATED]


def read_migrations(sql_dir: Path) -> dict[str, str]:
    """Every migration by its file name, in order. Errors: MigrationError."""
    paths = sorted((sql_dir / "migrations").glob("*.sql"))
    if not paths:
        raise MigrationError(f"no migrations in {sql_dir}: is that deploy/postgres?")
    for number, path in enumerate(paths, start=1):
        if not _NAME.fullmatch(path.name) or int(path.name[:4]) != number:
            raise MigrationError(
                f"migrations are named NNNN_slug.sql and numbered from 0001 without a gap: {path.name}"
            )
    return {path.name: _read(path) for path in paths}


def read_restated(sql_dir: Path) -> str:
    """Functions and grants in one text: functions first, so that there is something to grant."""
    paths = [*sorted((sql_dir / "functions").glob("*.sql")), sql_dir / "grants.sql"]
    return "SET LOCAL check_function_bodies = off;\n" + "\n".join(_read(path) for path in paths)


def missing_migrations(applied: Mapping[str, str], migrations: Mapping[str, str]) -> dict[str, str]:
    """What is still to be applied. Errors: MigrationError when the past was edited, or the database is newer."""
    for name, sha256 in applied.items():
        if name == RESTATED:
            continue
        if name not in migrations:
            raise MigrationError(f"the database has {name}, which this release does not know")
        if _sha256(migrations[name]) != sha256:
            raise MigrationError(f"{name} was edited after it had been applied")
    missing = {name: text for name, text in migrations.items() if name not in applied}
    if missing and applied.keys() & migrations.keys() and min(missing) < max(applied.keys() & migrations.keys()):
        raise MigrationError(f"{min(missing)} comes before one that is applied already")
    return missing


async def restate(connection: asyncpg.Connection, text: str) -> None:
    """Drop every function of the schema with its triggers, and run `text`. Needs the owner's role and a transaction."""
    functions = await connection.fetch(
        "SELECT oid::regprocedure::text AS name FROM pg_catalog.pg_proc WHERE pronamespace = 'sealdrop'::regnamespace"
    )
    for function in functions:
        await connection.execute(f"DROP FUNCTION IF EXISTS {function['name']} CASCADE")
    await connection.execute(text)


@asynccontextmanager
async def _connection(target: str | asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    if not isinstance(target, str):
        yield target
        return
    connection = await asyncpg.connect(target)
    try:
        yield connection
    finally:
        await connection.close()


async def _applied(connection: asyncpg.Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('sealdrop.migration')") is None:
        return {}
    return {row["name"]: row["sha256"] for row in await connection.fetch("SELECT name, sha256 FROM sealdrop.migration")}


async def _remember(connection: asyncpg.Connection, name: str, text: str) -> None:
    await connection.execute(
        "INSERT INTO sealdrop.migration (name, sha256) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256",
        name,
        _sha256(text),
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise MigrationError(f"cannot read {path}") from None
