"""PostgreSQL: a pool, named statements, a time limit on every call, and errors that quote nothing.

A service calls statements by name (`chassis.queries`); no SQL is built at run time.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from pydantic import model_validator

from chassis.errors import ChassisError
from chassis.queries import Queries
from chassis.settings import Settings

_CONNECT_SECONDS: Final = 10.0
_ACQUIRE_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 5.0

#: InternalClientError too: asyncpg 0.32's pool connects in the background, and whoever comes second gets it.
_NO_ANSWER: Final = (
    TimeoutError,
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
)

T = TypeVar("T")


class DatabaseError(ChassisError):
    """The database failed or refused. `sqlstate` is PostgreSQL's five-letter code where there was an answer."""

    def __init__(self, text: str, sqlstate: str | None = None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


class DatabaseDown(DatabaseError):
    """No answer: no connection, a lost one, or none in time. What was asked may or may not have been done."""


class DatabaseSettings(Settings):
    """Where the database is: a host with TLS and a client certificate, or the directory of a unix socket."""

    user: str
    database: str
    host: str | None = None
    port: int = 5432
    socket_dir: Path | None = None  #: a local server, or a relay that speaks TLS for us
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    pool_size: int = 4
    call_seconds: float = 15.0

    @model_validator(mode="after")
    def _one_way(self) -> "DatabaseSettings":
        if (self.host is None) == (self.socket_dir is None):
            raise ValueError("either host or socket_dir")
        if self.host is not None and None in (self.ca_file, self.cert_file, self.key_file):
            raise ValueError("a host needs ca_file, cert_file and key_file")
        return self

    def target(self) -> dict[str, Any]:
        """Arguments for asyncpg. Over a host: TLS 1.3, the server's name verified, never a password."""
        common = {"user": self.user, "database": self.database, "port": self.port}
        if self.host is None:
            return {**common, "host": str(self.socket_dir), "ssl": False}
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(str(self.cert_file), str(self.key_file))
        return {**common, "host": self.host, "ssl": context, "direct_tls": False}


class Session:
    """Named statements on one connection. Inside `Database.transaction` all of them are one transaction."""

    def __init__(self, connection: Any, queries: Queries, seconds: float) -> None:
        self._connection = connection
        self._queries = queries
        self._seconds = seconds

    async def fetch(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        """All rows. Errors: DatabaseError."""
        rows: list[asyncpg.Record] = await self._ask("fetch", self._queries[name], *arguments)
        return rows

    async def fetchrow(self, name: str, *arguments: object) -> asyncpg.Record | None:
        """The first row. Errors: DatabaseError."""
        return await self._ask("fetchrow", self._queries[name], *arguments)

    async def fetchval(self, name: str, *arguments: object) -> Any:
        """The first value of the first row. Errors: DatabaseError."""
        return await self._ask("fetchval", self._queries[name], *arguments)

    async def execute(self, name: str, *arguments: object) -> str:
        """The command tag. Errors: DatabaseError."""
        tag: str = await self._ask("execute", self._queries[name], *arguments)
        return tag

    async def copy(
        self, table: str, columns: list[str], records: AsyncIterable[Any] | list[Any], *, schema: str | None = None
    ) -> str:
        """COPY rows into a table, binary. Errors: DatabaseError."""
        call = partial(
            self._connection.copy_records_to_table, table, columns=columns, records=records, schema_name=schema
        )
        tag: str = await _guarded(_while_connected(self._connection, call, self._seconds))
        return tag

    async def _ask(self, method: str, *arguments: object) -> Any:
        """A connection that was lost meanwhile refuses the call itself: there is nothing to wait for, but to guard."""

        async def call() -> Any:
            return await getattr(self._connection, method)(*arguments, timeout=self._seconds)

        return await _guarded(call())


class Database:
    """A pool of connections of one role."""

    def __init__(self, pool: asyncpg.Pool, queries: Queries, call_seconds: float) -> None:
        self._pool = pool
        self._queries = queries
        self._seconds = call_seconds
        self._answered = True

    @classmethod
    async def connect(cls, settings: DatabaseSettings, application_name: str, queries: Queries) -> "Database":
        """Opens the pool. Errors: DatabaseError."""
        pool = asyncpg.create_pool(
            **settings.target(),
            min_size=1,
            max_size=settings.pool_size,
            timeout=_CONNECT_SECONDS,
            command_timeout=settings.call_seconds,
            server_settings={"application_name": application_name},
        )
        try:
            await _guarded(pool)
        except DatabaseError:
            pool.terminate()
            raise
        return cls(pool, queries, settings.call_seconds)

    @property
    def is_up(self) -> bool:
        """False after a call found no database, until one succeeds again."""
        return self._answered

    @asynccontextmanager
    async def session(self) -> AsyncGenerator[Session]:
        """One connection, no transaction around. Errors: DatabaseError."""
        connection = await self._noted(self._pool.acquire(timeout=_ACQUIRE_SECONDS))
        try:
            yield Session(connection, self._queries, self._seconds)
        except DatabaseDown:
            self._answered = False
            raise
        finally:
            await _guarded(self._pool.release(connection, timeout=_CLOSE_SECONDS))

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Session]:
        """One transaction: committed at the end of the block, rolled back if it raises. Errors: DatabaseError."""
        async with self.session() as session:
            transaction = await _guarded(_started_transaction(session._connection))
            try:
                yield session
            except BaseException:
                await _quietly(_called(transaction.rollback))
                raise
            await _guarded(_called(transaction.commit))

    async def fetch(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        """All rows. Errors: DatabaseError."""
        async with self.session() as session:
            return await session.fetch(name, *arguments)

    async def fetchrow(self, name: str, *arguments: object) -> asyncpg.Record | None:
        """The first row. Errors: DatabaseError."""
        async with self.session() as session:
            return await session.fetchrow(name, *arguments)

    async def fetchval(self, name: str, *arguments: object) -> Any:
        """The first value of the first row. Errors: DatabaseError."""
        async with self.session() as session:
            return await session.fetchval(name, *arguments)

    async def execute(self, name: str, *arguments: object) -> str:
        """The command tag. Errors: DatabaseError."""
        async with self.session() as session:
            return await session.execute(name, *arguments)

    async def close(self) -> None:
        """Close the pool; connections still busy after five seconds are cut."""
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._pool.close()
        except (*_NO_ANSWER, asyncpg.PostgresError):
            self._pool.terminate()

    async def _noted(self, call: Awaitable[T]) -> T:
        try:
            result = await _guarded(call)
        except DatabaseDown:
            self._answered = False
            raise
        self._answered = True
        return result


async def _started_transaction(connection: Any) -> Any:
    transaction = connection.transaction()
    await transaction.start()
    return transaction


async def _called(method: Callable[[], Awaitable[T]]) -> T:
    """On a connection that was lost meanwhile asyncpg refuses the call itself, before there is anything to await."""
    return await method()


async def _guarded(call: Awaitable[T]) -> T:
    """Errors: DatabaseError instead of whatever asyncpg raises, which quotes values."""
    try:
        return await call
    except _NO_ANSWER as error:
        if isinstance(error, ValueError):  # asyncpg could not encode an argument: nothing was sent
            raise DatabaseError("an argument is not of its type") from None
        raise DatabaseDown(f"no answer from the database ({type(error).__name__})") from None
    except asyncpg.PostgresError as error:
        raise DatabaseError(f"the database refused ({error.sqlstate})", error.sqlstate) from None


async def _while_connected(connection: Any, method: Callable[[], Coroutine[Any, Any, T]], seconds: float) -> T:
    """For COPY: asyncpg 0.32 waits for room to write without a limit, and for ever once the connection is lost."""
    call = asyncio.create_task(_called(method))
    is_lost = False

    def on_lost(_: object) -> None:
        nonlocal is_lost
        is_lost = True
        call.cancel()

    try:
        connection.add_termination_listener(on_lost)
        async with asyncio.timeout(seconds):
            return await call
    except asyncio.CancelledError:
        if is_lost and call.cancelled():
            raise ConnectionError from None
        raise
    finally:
        call.cancel()
        with suppress(asyncpg.InterfaceError):
            connection.remove_termination_listener(on_lost)


async def _quietly(call: Awaitable[object]) -> None:
    """For a rollback: the connection is thrown away anyway if it fails."""
    try:
        await call
    except (*_NO_ANSWER, asyncpg.PostgresError):
        return
