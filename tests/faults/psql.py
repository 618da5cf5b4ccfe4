"""A session of psql that stays: to look often without starting a process each time, and to hold locks."""

import contextlib
import secrets
import subprocess
from typing import Final

from tests.stack.postgres import SUPERUSER, PostgresServer
from tests.stack.process import require_tool

_SECONDS: Final = 10


class SessionLost(Exception):
    """The database ended, or refused."""


class Psql:
    """As superuser, in one database. Errors of `ask`: SessionLost."""

    def __init__(self, postgres: PostgresServer, database: str) -> None:
        where = ["-h", str(postgres.socket_dir), "-p", str(postgres.port), "-U", SUPERUSER, "-d", database]
        self._process = subprocess.Popen(
            [require_tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", *where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def ask(self, statement: str) -> str:
        """Unaligned text."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        end = secrets.token_hex(8)
        lines: list[str] = []
        try:
            self._process.stdin.write(f"{statement};\n\\echo {end}\n")
        except OSError:
            raise SessionLost from None
        while (line := self._process.stdout.readline()) != f"{end}\n":
            if not line:
                raise SessionLost
            lines.append(line)
        return "".join(lines).strip()

    def close(self) -> None:
        """Ends the session, and with it what it locks."""
        self._process.kill()
        self._process.wait(_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
