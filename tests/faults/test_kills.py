"""SIGKILL of source-api, worker, broker and database at each step of a submission: the promises hold, all comes back.

Each kill: a post stands exactly at the step; the victim dies; the source is answered within 15 s where source-api
lives; the victim is started again and nothing else is touched; the same form, sent again, is received and stored once.
"""

import random
import time
from pathlib import Path
from typing import Final

import pytest
from ctl.installation import SOURCE

from tests.faults.checker import leftovers, violations
from tests.faults.ground import BROKER, DATABASE, VICTIMS, Ground, wait_for
from tests.faults.history import ACKNOWLEDGED, Answer, Attempt
from tests.faults.points import Point, points
from tests.faults.posting import MIB, Posting
from tests.faults.vault import open_item
from tests.stack.people import JournalistClient, SourceClient

ANSWER_SECONDS: Final = 15.0
RECOVERY_SECONDS: Final = 30.0
SWEEP_SECONDS: Final = 30.0


class Visit:
    """One source at its page, and what it sends: drawn from a seed, unlike anything else in the history."""

    def __init__(self, ground: Ground, source: SourceClient, where: str) -> None:
        self._ground, self._source = ground, source
        self._drawn = random.Random(where)
        self.where = where

    def post(self, *, stops: bool = False, again: Posting | None = None) -> Posting:
        """A new form with new contents, or the very same once more."""
        if again is None:
            self._message = f"Message {self._drawn.randbytes(12).hex()}, for {self.where}"
            self._file = (f"{self._drawn.randbytes(4).hex()}.bin", self._drawn.randbytes(6 * MIB + 11))
        form = self._source.form() if again is None else again.form
        return Posting(self._source, form, self._message, self._file, stops=stops)

    def note(self, posting: Posting, how: str) -> None:
        """Into the history."""
        visit = f"{self.where}, {id(self)}"
        attempt = Attempt(f"{self.where}: {how}", visit, posting.form[1], posting.parts, posting.answer)
        self._ground.history.add(attempt)

    def send_until_received(self, before: Posting | None) -> None:
        """What the pages tell a source to do. Fails when the service is not back in time."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        posting = before
        while posting is None or posting is before or posting.answer not in ACKNOWLEDGED:
            assert time.monotonic() < deadline, f"{posting and posting.answer} still\n{self._ground.system.logs()}"
            if self._ground.system.is_open():
                posting = self.post(again=posting)
                posting.wait()
                self.note(posting, "sent again")
            else:
                time.sleep(0.3)


def struck(ground: Ground, visit: Visit, point: Point, victim: str) -> tuple[Posting, float]:
    """A post during which the victim is killed and started again; with the time of the kill."""
    point.arm(ground)
    try:
        posting = visit.post(stops=point.stops_the_client)
        point.reach(ground, posting)
        ground.kill(victim)
        killed_at = time.monotonic()
    finally:
        point.let_go(ground, is_lost=victim in (BROKER, DATABASE))
    posting.slow.may_go_on.set()
    if victim == DATABASE:
        posting.wait()  # its restart takes no time: else nobody would ever see it away
    ground.restart(victim)
    posting.wait()
    visit.note(posting, "during the kill")
    return posting, killed_at


def check_that_the_source_was_told(ground: Ground, posting: Posting, killed_at: float) -> None:
    assert posting.answer not in {Answer.SILENCE, Answer.OTHER}, ground.system.logs()
    assert posting.answered_at is not None
    assert posting.status_at is not None, "the status frame never said how it ended"
    assert posting.answered_at - killed_at < ANSWER_SECONDS
    assert posting.status_at - killed_at < ANSWER_SECONDS


@pytest.mark.parametrize("step", points())
@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_breaks_no_promise(ground: Ground, victim: str, step: str, draw: str) -> None:
    where = f"{victim} killed at {step}, draw {draw}"
    with SourceClient(ground.system.source_url) as source, SourceClient(ground.system.source_url) as later:
        visit = Visit(ground, source, where)
        posting, killed_at = struck(ground, visit, points()[step], victim)
        ground.system.wait_until_open(RECOVERY_SECONDS)
        if victim == SOURCE:  # sessions end with it
            assert posting.answer is Answer.SILENCE
            Visit(ground, later, f"{where}, afterwards").send_until_received(None)
        else:
            check_that_the_source_was_told(ground, posting, killed_at)
            visit.send_until_received(None if posting.answer is Answer.RECEIVED else posting)

    assert violations(ground.history, ground.vault.read()) == []


def test_nothing_is_left_of_what_was_not_stored(ground: Ground) -> None:
    """A worker notices a dead producer by its silence; what a dead worker wrote goes with the next one's sweep."""
    wait_for(lambda: not leftovers(ground.vault.read()), "the sweep has taken all", SWEEP_SECONDS)


def test_a_journalist_downloads_all_that_was_acknowledged(ground: Ground, tmp_path: Path) -> None:
    with SourceClient(ground.system.source_url) as source:
        Visit(ground, source, "after all kills").send_until_received(None)
    acknowledged = {part for made in ground.history.attempts if made.answer in ACKNOWLEDGED for part in made.parts}

    with JournalistClient(ground.system).log_in() as journalist:
        items = [item for source_row in journalist.sources() for item in journalist.items(source_row["id"])]
        files = [journalist.download(item["id"], tmp_path) for item in items]
    opened = [open_item(ground.vault.identity, file.read_bytes()) for file in files]

    assert acknowledged <= set(opened)
    assert len(opened) == len(set(opened)), "something is there twice"
