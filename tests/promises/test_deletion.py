"""What a journalist deletes is gone: from the tables at once, from the database's disk with `sealdrop rewrite`.

Looked for in the raw files, the write-ahead log among them: a part of the age header (which holds the only wrapped
keys), a part of the first chunk, and the item's id, which is in index pages too. All are found before: the search
works. Statistics are gathered before, as autovacuum does some day: they hold values of deleted rows if they may.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

import pytest
from ctl.cli import main

from tests.faults.scanner import Scanner, files_under
from tests.promises.posting import send_large
from tests.stack.people import JournalistClient, SourceClient, was_received
from tests.stack.system import System

PART_BYTES: Final = 48
AT_ONCE_MIB: Final = 512  #: what one call deletes: sealdrop.chunks_at_once
SWEEP_SECONDS: Final = 900.0  #: what is over 512 MiB goes with the worker's sweeps, one each minute
PARTS: Final = f"""
SELECT encode(substring(i.header, 300, {PART_BYTES}), 'hex'), encode(substring(c.sealed, 1, {PART_BYTES}), 'hex')
FROM sealdrop.item i JOIN sealdrop.vault_chunk c ON c.item_id = i.id AND c.seq = 0 WHERE i.id = '{{0}}'
"""
ROWS: Final = """
SELECT (SELECT count(*) FROM sealdrop.item WHERE id = '{0}')
     + (SELECT count(*) FROM sealdrop.receipt WHERE submission_id = '{1}')
"""
CHUNKS: Final = "SELECT count(*) FROM sealdrop.vault_chunk WHERE item_id = '{0}'"


@dataclass(frozen=True)
class Target:
    """An item, and what the disk holds of it."""

    source_id: str
    item_id: str
    submission_id: str
    header: bytes
    chunk: bytes

    @property
    def markers(self) -> dict[str, bytes]:
        return {"header": self.header, "chunk": self.chunk, "item id": bytes.fromhex(self.item_id.replace("-", ""))}


def target(system: System, source_id: str, item: dict[str, Any]) -> Target:
    header, chunk = map(bytes.fromhex, system.sql(PARTS.format(item["id"])).split("|"))
    assert len(header) == len(chunk) == PART_BYTES
    return Target(source_id, item["id"], item["submission_id"], header, chunk)


def found_on_disk(system: System, looked_for: Target) -> set[tuple[str, str]]:
    """Which marker, in which directory of the database."""
    data = system.postgres.data
    system.sql("CHECKPOINT")
    hits = Scanner(looked_for.markers).scan(files_under(data))
    return {(hit.marker, hit.path.removeprefix(f"{data}/").split("/")[0]) for hit in hits}


def rewrite(system: System) -> None:
    assert main(["rewrite", "--database", system.postgres.dsn("sealdrop_admin", system.database)]) == 0


def send_with_file(system: System, journalist: JournalistClient, mib: int) -> tuple[Target, Target]:
    """A new source's message and file; others send before and after, so that the rows lie among others."""
    known = {source["id"] for source in journalist.sources()}
    with SourceClient(system.source_url) as source, SourceClient(system.source_url) as other:
        assert was_received(other.send("Before."))
        known |= {listed["id"] for listed in journalist.sources()}
        send_large(source, mib)
        [new] = [listed["id"] for listed in journalist.sources() if listed["id"] not in known]
        assert was_received(other.send("After."))
    system.sql("ANALYZE")
    message, file = [target(system, new, item) for item in journalist.items(new)]
    return message, file


@pytest.mark.parametrize("mib", [64, pytest.param(2000, marks=pytest.mark.slow)])
def test_a_deleted_item_is_gone_from_tables_at_once_and_from_the_disk_with_the_rewrite(
    system: System, journalist: JournalistClient, mib: int
) -> None:
    message, file = send_with_file(system, journalist, mib)
    assert found_on_disk(system, file) >= {("header", "base"), ("chunk", "base"), ("item id", "base")}

    begun = time.monotonic()
    assert journalist.http.delete(f"/items/{file.item_id}").status_code == 204
    print(f"deleting an item of {mib} MiB took {time.monotonic() - begun:.3f} s")

    assert system.sql(ROWS.format(file.item_id, "00000000-0000-0000-0000-000000000000")) == "0"
    if mib <= AT_ONCE_MIB:
        assert system.sql(CHUNKS.format(file.item_id)) == "0"
    else:
        wait_for_sweeps(system, file)
    print("after the deletion still on the disk:", sorted(found_on_disk(system, file)))
    rewrite(system)
    print("after the rewrite still on the disk:", sorted(found_on_disk(system, file)))
    assert found_on_disk(system, file) == set()
    assert {marker for marker, _ in found_on_disk(system, message)} == {"header", "chunk", "item id"}


def test_a_deleted_source_is_gone_from_tables_at_once_and_from_the_disk_with_the_rewrite(
    system: System, journalist: JournalistClient
) -> None:
    message, file = send_with_file(system, journalist, 2)

    assert journalist.http.delete(f"/sources/{file.source_id}").status_code == 204

    for gone in (message, file):
        assert system.sql(ROWS.format(gone.item_id, gone.submission_id)) == "0"
        assert system.sql(CHUNKS.format(gone.item_id)) == "0"
    assert system.sql(f"SELECT count(*) FROM sealdrop.source WHERE id = '{file.source_id}'") == "0"
    rewrite(system)
    assert found_on_disk(system, message) == found_on_disk(system, file) == set()


def wait_for_sweeps(system: System, deleted: Target) -> None:
    """Meanwhile the chunks belong to nobody: no item names them, and nobody can read them."""
    deadline = time.monotonic() + SWEEP_SECONDS
    while system.sql(CHUNKS.format(deleted.item_id)) != "0":
        assert time.monotonic() < deadline
        time.sleep(1)
