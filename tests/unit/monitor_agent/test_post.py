"""The file is waited for; mail is retried and never holds anything up."""

import asyncio
import io

import pytest
from chassis.logs import Log
from monitor_agent import post as post_module
from monitor_agent.heartbeat import Change
from monitor_agent.post import Post
from monitor_agent.rules import Alert, alert

from tests.integration.monitor.waiting import eventually

FIRST = alert(Change.SILENT, "source-1", 0)
SECOND = alert(Change.BACK, "source-1", 0)


class Box:
    """A sink that fails a number of times first."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.got: list[Alert] = []
        self.tries = 0

    def send(self, told: Alert) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise ConnectionRefusedError("mail.example.org says no")
        self.got.append(told)


async def until(box: Box, count: int) -> None:
    await eventually(lambda: len(box.got) >= count)


async def test_alerts_reach_file_and_mail_in_order() -> None:
    file, mailbox = Box(), Box()
    post = Post(file, mailbox, Log("monitor-agent", io.StringIO()))
    running = asyncio.create_task(post.run())

    await post.tell([FIRST, SECOND])

    assert file.got == [FIRST, SECOND]
    await until(mailbox, 2)
    assert mailbox.got == [FIRST, SECOND]
    running.cancel()


async def test_mail_that_fails_is_tried_again_and_logged_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_module, "_FIRST_RETRY_SECONDS", 0.01)
    file, mailbox, lines = Box(), Box(failures=3), io.StringIO()
    post = Post(file, mailbox, Log("monitor-agent", lines))
    running = asyncio.create_task(post.run())

    await post.tell([FIRST, SECOND])
    await until(mailbox, 2)

    assert mailbox.got == [FIRST, SECOND]
    assert lines.getvalue().count("ConnectionRefusedError") == 3
    assert "example.org" not in lines.getvalue()
    running.cancel()


async def test_a_file_that_cannot_be_written_stops_the_monitor_but_not_the_mail() -> None:
    mailbox = Box()
    post = Post(Box(failures=1), mailbox, Log("monitor-agent", io.StringIO()))
    running = asyncio.create_task(post.run())

    with pytest.raises(OSError, match="no"):
        await post.tell([FIRST])

    await until(mailbox, 1)
    running.cancel()


async def test_without_mail_there_is_nothing_to_run() -> None:
    file = Box()
    post = Post(file, None, Log("monitor-agent", io.StringIO()))

    await post.tell([FIRST])

    await asyncio.wait_for(post.run(), 1)
    assert file.got == [FIRST]


async def test_a_mailbox_away_for_long_costs_bounded_memory() -> None:
    lines = io.StringIO()
    post = Post(Box(), Box(failures=10**9), Log("monitor-agent", lines))

    await post.tell([FIRST] * 1100)

    assert lines.getvalue().count("mail_dropped") == 100
