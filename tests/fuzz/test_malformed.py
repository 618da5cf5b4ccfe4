"""Thousands of requests that no browser sends, against the real services. Only what was acknowledged is left behind.

A failure names seeds; `pytest tests/fuzz/test_malformed.py --fuzz-seed SEED --fuzz-count 1` sends that request again.
"""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from chassis.web.headers import security_headers
from ctl.installation import JOURNALIST, SOURCE, WORKER
from journalist_api.notes import Note as JournalistNote
from journalist_api.web import DATA, PAGE
from source_api.headers import headers_for
from source_api.notes import Count, Note

from tests.fuzz.campaign import LANES, Tally, Visitor, hang, journalist_turn, run
from tests.fuzz.journalist import Visit
from tests.fuzz.judge import Judge, log_complaints
from tests.stack.people import JournalistClient, SourceClient, seal_reply, was_received
from tests.stack.process import accepts
from tests.stack.system import System

STARTING_SECONDS: Final = 30.0
MOST_GROWTH_KIB: Final = 64 * 1024
SOURCE_JUDGE: Final = Judge(
    [headers_for("GET", "/"), headers_for("POST", "/submit")], (b"Nothing was received", b"Not open at this moment")
)
JOURNALIST_JUDGE: Final = Judge(
    [security_headers({}), security_headers(PAGE), security_headers(DATA)], (b'"busy"', b'"offline"')
)
TABLES: Final = ("source", "item", "receipt", "vault_chunk", "pending", "pending_item")
HALF_WRITTEN: Final = """
SELECT (SELECT count(*) FROM sealdrop.pending) + (SELECT count(*) FROM sealdrop.pending_item)
     + (SELECT count(*) FROM sealdrop.vault_chunk c
        WHERE NOT EXISTS (SELECT FROM sealdrop.item i WHERE i.id = c.item_id))
     + (SELECT count(*) FROM sealdrop.source s
        WHERE NOT EXISTS (SELECT FROM sealdrop.receipt r WHERE r.source_id = s.id))
"""

Seeds = Callable[[int, int], range]


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Seeds:
    """`seeds(first, count)`; the command line goes before."""
    told_first = request.config.getoption("--fuzz-seed", None)
    told_count = request.config.getoption("--fuzz-count", None)

    def chosen(first: int, count: int) -> range:
        begin = first if told_first is None else told_first
        return range(begin, begin + (told_count or count))

    return chosen


@pytest.fixture(scope="module")
def journalist(system: System) -> Iterator[JournalistClient]:
    """Logged in once: each one-time code works once. The source pages may be open before journalist-api is."""
    deadline = time.monotonic() + STARTING_SECONDS
    while not accepts(system.journalist_port):
        assert time.monotonic() < deadline, system.logs()
        time.sleep(0.1)
    with JournalistClient(system) as client:
        yield client.log_in()


def test_malformed_requests_leave_source_api_unharmed_and_nothing_behind(
    system: System, journalist: JournalistClient, seeds: Seeds
) -> None:
    assert_source_api_stands(system, journalist, seeds(0, 1000))


def test_malformed_requests_leave_journalist_api_unharmed(
    system: System, journalist: JournalistClient, seeds: Seeds
) -> None:
    assert_journalist_api_stands(system, journalist, seeds(0, 100))


@pytest.mark.slow
def test_ten_thousand_more_of_another_seed_leave_source_api_unharmed(
    system: System, journalist: JournalistClient, seeds: Seeds
) -> None:
    assert_source_api_stands(system, journalist, seeds(secrets.randbelow(10**9), 10_000))


@pytest.mark.slow
def test_a_thousand_more_of_another_seed_leave_journalist_api_unharmed(
    system: System, journalist: JournalistClient, seeds: Seeds
) -> None:
    assert_journalist_api_stands(system, journalist, seeds(secrets.randbelow(10**9), 1000))


def test_a_connection_on_which_nothing_comes_is_ended(system: System) -> None:
    assert hang(system.source_port) == []


def assert_source_api_stands(system: System, journalist: JournalistClient, seeds: range) -> None:
    pid = system.pid(SOURCE)
    tally = attack_source(system, range(10**10, 10**10 + 60))
    before = resident_kib(pid)

    tally += attack_source(system, seeds)

    growth = resident_kib(pid) - before
    print(f"{tally}, grown by {growth} KiB")
    assert tally.complaints == [], shown(tally)
    assert log_complaints(system.log(SOURCE), "source-api", (Note, Count)) == []
    assert "Traceback" not in system.log(WORKER).read_text("utf-8", "replace")
    assert system.sql(HALF_WRITTEN).strip() == "0"
    assert rows(system, "receipt") == tally.received
    assert growth < MOST_GROWTH_KIB
    with SourceClient(system.source_url) as source:
        assert was_received(source.send("Still here."))
    delete_all(journalist)
    assert {table: rows(system, table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def assert_journalist_api_stands(system: System, journalist: JournalistClient, seeds: range) -> None:
    visit = begin_visit(system, journalist)
    turns = [journalist_turn(system.journalist_port, visit)] * LANES
    tally = run(range(10**10, 10**10 + 30), turns, JOURNALIST_JUDGE)
    before = resident_kib(system.pid(JOURNALIST))

    tally += run(seeds, turns, JOURNALIST_JUDGE)

    growth = resident_kib(system.pid(JOURNALIST)) - before
    print(f"{tally}, grown by {growth} KiB")
    assert tally.complaints == [], shown(tally)
    assert log_complaints(system.log(JOURNALIST), "journalist-api", (JournalistNote,)) == []
    assert system.sql(HALF_WRITTEN).strip() == "0"
    assert rows(system, "item") == 1 + tally.received
    assert growth < MOST_GROWTH_KIB
    assert journalist.reply(visit.source_id, "Still here.").status_code == 201
    delete_all(journalist)


def attack_source(system: System, seeds: range) -> Tally:
    return run(seeds, [Visitor(system.source_port).turn for _ in range(LANES)], SOURCE_JUDGE)


def begin_visit(system: System, journalist: JournalistClient) -> Visit:
    """A conversation to look at, and a reply to break. What a failed test left goes first."""
    delete_all(journalist)
    with SourceClient(system.source_url) as source:
        assert was_received(source.send("For the journalists."))
    [listed] = journalist.sources()
    [item] = journalist.items(listed["id"])
    sealed = seal_reply("A reply.", journalist.recipients(listed["source_card"]), uuid4())
    token = journalist.http.headers["authorization"].removeprefix("Bearer ")
    return Visit(token, listed["id"], item["id"], sealed)


def delete_all(journalist: JournalistClient) -> None:
    for source in journalist.sources():
        assert journalist.http.delete(f"/sources/{source['id']}").status_code == 204


def rows(system: System, table: str) -> int:
    return int(system.sql(f"SELECT count(*) FROM sealdrop.{table}"))


def resident_kib(pid: int) -> int:
    """Resident memory now, KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def shown(tally: Tally) -> str:
    return "\n".join([f"{len(tally.complaints)} complaints, the first of them:", *tally.complaints[:20]])
