"""What a source sees when it does not work: within seconds, in words, without a script."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ctl.installation import WORKER

from tests.browser.conftest import MOST_BYTES
from tests.browser.visitor import ANSWER, Visitor
from tests.browser.window import until
from tests.stack.system import System

PROMISED_SECONDS = 15.0


@pytest.fixture
def worker_comes_back(system: System) -> Iterator[None]:
    """For tests that kill it."""
    yield
    system.start(WORKER)
    system.wait_until_open()


def items(system: System) -> int:
    return int(system.sql("SELECT count(*) FROM sealdrop.item"))


def test_a_worker_that_dies_in_the_middle_is_told_in_time(
    visitor: Visitor, system: System, large_file: Path, worker_comes_back: None
) -> None:
    before = items(system)
    visitor.open_form()
    visitor.send("With a large file.", [large_file])
    visitor.wait_for_status("% received")
    system.kill(WORKER)
    killed_at = time.monotonic()

    lines = visitor.wait_for_status("Not received", PROMISED_SECONDS)
    seconds = time.monotonic() - killed_at
    answer = visitor.wait_for_answer("Not received")

    assert seconds < PROMISED_SECONDS
    assert not any("stored" in line for line in lines)
    assert "Nothing was kept." in answer
    assert items(system) == before


def test_what_is_over_the_limit_is_refused_in_both_frames(visitor: Visitor, system: System, tmp_path: Path) -> None:
    before = items(system)
    too_large = tmp_path / "too large.bin"
    with too_large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    visitor.open_form()
    visitor.send("With a file that is too large.", [too_large])

    visitor.wait_for_status("Not received: more than", PROMISED_SECONDS)
    assert visitor.headings(ANSWER) == []
    answer = visitor.wait_for_answer("That is too large")

    assert "Nothing was received or kept." in answer
    assert items(system) == before


def test_an_empty_form_is_answered_and_can_be_sent_again(visitor: Visitor) -> None:
    visitor.open_form()
    visitor.send()
    visitor.wait_for_status("There was nothing to send")
    visitor.wait_for_answer("There was nothing to send")

    visitor.send("Now there is.")

    visitor.wait_for_answer("Received")
    visitor.wait_for_status("Received and stored")


def test_without_a_worker_there_is_no_form(visitor: Visitor, system: System, worker_comes_back: None) -> None:
    system.kill(WORKER)
    until(lambda: not system.is_open(), "the pages close", PROMISED_SECONDS)

    visitor.open("/submit")

    visitor.wait_for_heading("Not open at this moment")
    assert visitor.window.texts("form.send") == []
    visitor.open("/")
    assert "Nothing can be received at this moment" in visitor.text("main")
