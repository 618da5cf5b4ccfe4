"""Sends alerts to their sinks. The file is waited for; mail goes out from a queue that retries."""

import asyncio
from collections.abc import Iterable
from enum import Enum
from functools import partial
from typing import Final

from chassis.logs import Log

from monitor_agent.alerts import Sink
from monitor_agent.rules import Alert
from monitor_agent.threads import in_thread

_WAITING_ALERTS: Final = 1000  #: the oldest is dropped from the mail queue; it stands in the file
_FIRST_RETRY_SECONDS: Final = 5.0
_LONGEST_RETRY_SECONDS: Final = 300.0


class PostTrouble(Enum):
    """What is logged here."""

    MAIL_FAILED = "mail_failed"
    MAIL_DROPPED = "mail_dropped"


class Post:
    """One file, and any number of mail boxes (usually one or none)."""

    def __init__(self, file: Sink, mailbox: Sink | None, log: Log) -> None:
        self._file = file
        self._mailbox = mailbox
        self._log = log
        self._waiting: asyncio.Queue[Alert] = asyncio.Queue(_WAITING_ALERTS)

    async def tell(self, alerts: Iterable[Alert]) -> None:
        """Returns when the alerts are in the file. Errors: OSError when they are not; mail goes out even then."""
        for alert in alerts:
            if self._mailbox is not None:
                self._enqueue(alert)
            await in_thread(partial(self._file.send, alert))

    async def run(self) -> None:
        """Runs until cancelled: mails what waits, in order, as often as it takes."""
        if self._mailbox is None:
            return
        while True:
            await self._deliver(self._mailbox, await self._waiting.get())

    def _enqueue(self, alert: Alert) -> None:
        if self._waiting.full():
            self._waiting.get_nowait()
            self._log.event(PostTrouble.MAIL_DROPPED)
        self._waiting.put_nowait(alert)

    async def _deliver(self, mailbox: Sink, alert: Alert) -> None:
        pause = _FIRST_RETRY_SECONDS
        while True:
            try:
                await asyncio.to_thread(mailbox.send, alert)
            except OSError as error:
                self._log.error(PostTrouble.MAIL_FAILED, error)
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_RETRY_SECONDS)
