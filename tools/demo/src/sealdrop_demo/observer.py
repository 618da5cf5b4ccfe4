"""Looks at the demo from outside the services: counts in the database, alerts, opened files."""

import json
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from sealdrop_demo.state import State
from sealdrop_demo.storyboard import Seen

# Statistics of function calls: the demo's database counts them (database.SETTINGS), a real one does not.
_COUNTS = """
SELECT (SELECT count(*) FROM sealdrop.item WHERE kind <> 'reply') AS items,
       (SELECT count(*) FROM sealdrop.item WHERE kind = 'reply') AS replies,
       coalesce(sum(calls) FILTER (WHERE funcname = 'journalist_session_open'), 0) AS logins,
       coalesce(sum(calls) FILTER (WHERE funcname = 'journalist_chunks'), 0) AS downloads,
       coalesce(sum(calls) FILTER (WHERE funcname = 'source_reply'), 0) AS replies_read
FROM pg_stat_user_functions
"""


class Observer:
    """Holds one connection of the demo's database owner."""

    def __init__(self, connection: asyncpg.Connection, state: State) -> None:
        self._connection = connection
        self._state = state

    @classmethod
    async def connect(cls, sockets: Path, state: State) -> "Observer":
        """Errors: asyncpg.PostgresError."""
        return cls(await asyncpg.connect(host=str(sockets), user="postgres", database="sealdrop"), state)

    async def look(self) -> Seen:
        """What has happened so far."""
        row = await self._connection.fetchrow(_COUNTS)
        counts = {name: int(row[name]) for name in ("items", "replies", "logins", "downloads", "replies_read")}
        opened = sum(1 for _ in self._state.opened.iterdir())
        return Seen(opened=opened, alerts=len(alert_lines(self._state)), **counts)

    async def close(self) -> None:
        """Leave the database."""
        await self._connection.close()


def alert_lines(state: State) -> list[str]:
    """The monitor's alerts so far, one JSON object a line; that something is well again is none."""
    file = state.alerts / "alerts.jsonl"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [line for line in lines if json.loads(line)["severity"] != "all clear"]
