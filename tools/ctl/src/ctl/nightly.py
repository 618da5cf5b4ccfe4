"""The nightly rewrite: new files in random order, and then without the log that holds the old ones."""

from typing import Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types

#: One after the other, each a transaction of its own. A large vault takes longer than the role's time for a statement.
#: A role that inherits nothing must take on pg_checkpoint's right by name.
STEPS: Final = (
    "SET statement_timeout = 0",
    "SELECT sealdrop.admin_rewrite()",
    "SELECT sealdrop.admin_rewrite_vault()",
    "SELECT sealdrop.admin_switch_wal()",
    "SET ROLE pg_checkpoint",
    "CHECKPOINT",
    "RESET ROLE",
)


async def rewrite(connection: asyncpg.Connection) -> None:
    """Each step holds if a later one fails; the whole may be done again. Errors: asyncpg.PostgresError."""
    for step in STEPS:
        await connection.execute(step, timeout=None)
