"""After the nightly rewrite nothing says in which order submissions came, and nothing but a day says when.

Every submission is one new source's, sent over HTTP through all four services, one after the other: a known order.
"""

import json
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

import pytest
from contract.audit import HEARTBEAT_SECONDS
from ctl.cli import main
from ctl.installation import JOURNALIST, MONITOR, SOURCE, WORKER

from tests.faults.psql import Psql
from tests.promises.correlation import bound, rho
from tests.promises.traces import traces
from tests.stack.people import SourceClient, was_received
from tests.stack.system import System

#: The bound is five standard deviations of rho without any correlation: 0.354 for 200, and below 0.1 for 2,600.
NUMBERS: Final = [200, pytest.param(2600, marks=pytest.mark.slow)]
SEEN_BEFORE: Final = 0.9  #: row order and versions before the rewrite: the measurement would see an order
TELLING: Final = ("item row", "receipt row", "chunk row", "item version", "value number", "value version")

SENT_WATCHED: Final = 30
STARTING_LINES: Final = 4  #: three services say that they started, and the source pages that they opened


@pytest.fixture(scope="module", params=NUMBERS)
def sources(request: pytest.FixtureRequest, system: System) -> list[str]:
    """Source ids in the order in which they sent."""
    known: set[str] = set()
    order: list[str] = []
    database = Psql(system.postgres, system.database)
    try:
        for number in range(request.param):
            with SourceClient(system.source_url, verify=False) as source:  # reading the authorities' list takes longest
                assert was_received(source.send(f"Message {number}"))
            [new] = set(database.ask("SELECT string_agg(id::text, ' ') FROM sealdrop.source").split()) - known
            known.add(new)
            order.append(new)
    finally:
        database.close()
    return order


def correlations(system: System, sources: list[str]) -> dict[str, float]:
    return {name: rho([found[source] for source in sources]) for name, found in traces(system).items()}


def test_after_the_rewrite_nothing_in_the_database_tells_the_order(system: System, sources: list[str]) -> None:
    before = correlations(system, sources)
    assert min(before[name] for name in TELLING) > SEEN_BEFORE, before

    assert main(["rewrite", "--database", system.postgres.dsn("sealdrop_admin", system.database)]) == 0

    after = correlations(system, sources)
    print(f"{len(sources)} submissions, bound {bound(len(sources)):.3f}")
    for name, figure in after.items():
        print(f"  {name:16} {before[name]:+.3f} before, {figure:+.3f} after")
    assert max(map(abs, after.values())) < bound(len(sources)), after
    for table in ("source", "item", "receipt", "vault_chunk"):
        assert system.sql(f"SELECT count(DISTINCT xmin::text) FROM sealdrop.{table}") == "1"


def test_ids_and_designations_never_told_the_order(system: System, sources: list[str]) -> None:
    found = correlations(system, sources)

    random = ("source id", "designation", "lookup id", "submission id", "item id")
    assert max(abs(found[name]) for name in random) < bound(len(sources)), found


def test_a_day_is_the_finest_time_the_database_keeps_of_a_source(system: System) -> None:
    timed = system.sql(
        "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns"
        " WHERE table_schema = 'sealdrop' AND data_type ~ '^(date|time|interval)' ORDER BY 1"
    )

    assert timed.splitlines() == [
        "journalist_session.expires_at timestamp with time zone",
        "journalist_session.idle interval",
        "journalist_session.idle_at timestamp with time zone",
        "source.newest_day date",
    ]


def test_no_file_is_written_because_a_source_sent(system: System) -> None:
    changes, begun = Counter[str](), time.monotonic()
    with SourceClient(system.source_url) as source:
        before = versions(system.directory)
        for number in range(SENT_WATCHED):
            assert was_received(source.send(f"Watched message {number}"))
            now = versions(system.directory)
            changes.update(path for path in now.keys() | before.keys() if now.get(path) != before.get(path))
            before = now

    # The monitor notes heartbeats, in a new file that takes the old one's name. A log may get its counts of the hour.
    beats = changes.pop("monitor/trails.json", 0)
    changes.pop("monitor/trails.json.new", None)
    logs = {system.log(name).name for name in (MONITOR, WORKER, JOURNALIST, SOURCE)}
    assert changes.keys() <= logs, changes
    assert beats <= 3 * ((time.monotonic() - begun) / HEARTBEAT_SECONDS + 2), beats


def test_logs_tell_of_sources_only_by_counts(system: System, sources: list[str]) -> None:
    lines = [json.loads(line) for log in system.directory.glob("*.log") for line in log.read_text().splitlines()]

    assert {line["event"] for line in lines if "event" in line} == {"started", "open"}
    assert len([line for line in lines if "event" in line]) == STARTING_LINES
    assert all(line.keys() <= {"service", "event", "count", "in_this_hour"} for line in lines)


def versions(directory: Path) -> dict[str, tuple[int, int]]:
    """Of every file below: when it was last written, and its size."""
    found = {}
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):  # renamed meanwhile
            state = path.stat()
            if S_ISREG(state.st_mode):
                found[str(path.relative_to(directory))] = (state.st_mtime_ns, state.st_size)
    return found
