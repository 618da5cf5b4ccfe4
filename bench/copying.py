"""The same bytes by a bare COPY into a table like the vault's, committed: what the database alone can do."""

import time
from collections.abc import AsyncIterator

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from contract.limits import FRAME_BYTES

from tests.stack.postgres import SUPERUSER, PostgresServer

_TABLE = """
CREATE TABLE public.bench_copy (item_id uuid, seq int, sealed bytea, PRIMARY KEY (item_id, seq));
ALTER TABLE public.bench_copy ALTER COLUMN sealed SET STORAGE EXTERNAL;
"""
_ITEM = "00000000-0000-4000-8000-000000000000"


async def measure(postgres: PostgresServer, database: str, size: int) -> float:
    """Seconds for one COPY and its synchronous commit."""
    connection = await asyncpg.connect(postgres.dsn(SUPERUSER, database))
    try:
        await connection.execute(_TABLE)
        started = time.perf_counter()
        await connection.copy_records_to_table("bench_copy", schema_name="public", records=_records(size))
        seconds = time.perf_counter() - started
        await connection.execute("DROP TABLE public.bench_copy")
    finally:
        await connection.close()
    return seconds


async def _records(size: int) -> AsyncIterator[tuple[str, int, bytes]]:
    block = bytes(FRAME_BYTES)
    for seq, start in enumerate(range(0, size, FRAME_BYTES)):
        yield _ITEM, seq, block[: size - start]
