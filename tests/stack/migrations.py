"""Puts our schema into a test database, with the operator's own command."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from ctl.migrate import migrate


def apply(dsn: str) -> None:
    """Migrates a database; on a migrated one it only restates the rights, which a copy of a template loses.

    In a thread of its own, so that a test may ask for a database while its event loop runs.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(migrate(dsn))).result()
