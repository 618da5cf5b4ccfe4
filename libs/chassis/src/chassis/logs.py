"""Logs that cannot say too much: names from an enum, fields from a list, numbers and short words as values.

A line is JSON on stderr and carries no time of its own. What concerns sources is counted and written on the hour
(`Log.report_counts`), because a line written at once would be stamped by the journal with the moment of the deed.
"""

import asyncio
import json
import logging
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from enum import Enum
from types import TracebackType
from typing import Any, Final, TextIO

ALLOWED_FIELDS: Final = frozenset({"error", "generation", "attempt", "state", "workers", "capacity"})
_WORD: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_.-]{0,47}$")
_SILENT: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "aio_pika", "aiormq", "pamqp", "asyncpg", "asyncio")
_HOUR_SECONDS: Final = 3600.0


class Log:
    """One service's log."""

    def __init__(self, service: str, stream: TextIO | None = None) -> None:
        self._service = service
        self._stream = stream
        self._counts: Counter[tuple[str, str]] = Counter()  #: of a name and an error's class, or ""

    def event(self, name: Enum, /, **fields: object) -> None:
        """One line now. A field that is not allowed, or a value that is not a number or a short word, is dropped."""
        kept = {field: value for field, value in fields.items() if field in ALLOWED_FIELDS and _is_harmless(value)}
        self._write({"event": str(name.value), **kept})

    def error(self, name: Enum, error: BaseException) -> None:
        """One line with the error's class name and nothing of its text."""
        self.event(name, error=type(error).__name__)

    def count(self, name: Enum, error: BaseException | None = None) -> None:
        """One more of these this hour; of an error its class name is kept."""
        self._counts[str(name.value), "" if error is None else type(error).__name__] += 1

    def flush_counts(self) -> None:
        """Write what was counted, one line per name, and begin again."""
        counts, self._counts = self._counts, Counter()
        for name, error in sorted(counts):
            of_class = {"error": error} if error else {}
            self._write({"count": name, **of_class, "in_this_hour": counts[name, error]})

    async def report_counts(self, now: Callable[[], float] = time.time) -> None:
        """Runs until cancelled: writes the counts at each full hour."""
        while True:
            await asyncio.sleep(_HOUR_SECONDS - now() % _HOUR_SECONDS)
            self.flush_counts()

    def _write(self, line: dict[str, object]) -> None:
        stream = self._stream or sys.stderr
        stream.write(json.dumps({"service": self._service, **line}) + "\n")
        stream.flush()


def _is_harmless(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and _WORD.match(value) is not None)


class Trouble(Enum):
    """What the process says about errors nobody caught."""

    UNCAUGHT = "uncaught_error"


def silence_libraries() -> None:
    """No library may write: their lines quote addresses, requests, statements."""
    logging.raiseExceptions = False
    logging.lastResort = None
    for name in _SILENT:
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)


def hush_uncaught(log: Log) -> None:
    """Errors nobody caught are logged by class name: a traceback shows values and source text."""

    def on_exception(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        log.error(Trouble.UNCAUGHT, error)

    def on_unraisable(unraisable: "sys.UnraisableHookArgs") -> None:
        log.error(Trouble.UNCAUGHT, unraisable.exc_value or RuntimeError())

    def on_thread(arguments: threading.ExceptHookArgs) -> None:
        log.error(Trouble.UNCAUGHT, arguments.exc_value or RuntimeError())

    sys.excepthook = on_exception
    sys.unraisablehook = on_unraisable
    threading.excepthook = on_thread


def hush_loop(loop: asyncio.AbstractEventLoop, log: Log) -> None:
    """The same for errors in tasks and callbacks of an event loop."""

    def on_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error(Trouble.UNCAUGHT, error if isinstance(error, BaseException) else RuntimeError())

    loop.set_exception_handler(on_error)
