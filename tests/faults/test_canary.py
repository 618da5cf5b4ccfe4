"""After sources came, failed and left: no word of theirs in any file that any process wrote. And the search can see.

Searched: the database with its WAL, the broker, logs, state and settings of all services, what is new in temporary
directories and shared memory, command lines and environments. Not searched here: memory, and free blocks of the disk.
"""

import base64
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from ctl.installation import ROOMS

from tests.faults.canary import aborted, failing, strange, successful
from tests.faults.scanner import Hit, Scanner, files_under
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System

TEMPORARY: Final = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))


@dataclass(slots=True)
class Scene:
    """A system that sources have visited, and their markers."""

    system: System
    earlier: frozenset[Path]
    markers: dict[str, bytes] = field(default_factory=dict)

    @property
    def roots(self) -> tuple[Path, ...]:
        return (self.system.postgres.directory, self.system.rabbitmq.directory, self.system.directory)

    def search(self) -> list[Hit]:
        """Everything that could have been written to; first the database writes all it holds."""
        self.system.sql("CHECKPOINT")
        scanner = Scanner(self.markers)
        hits = scanner.scan(files_under(*self.roots))
        assert scanner.scanned_files > 100
        return [*hits, *self._elsewhere(scanner)]

    def _elsewhere(self, scanner: Scanner) -> Iterator[Hit]:
        """What another user's programs left beside us cannot be ours where it cannot even be read."""
        new = [path for path in entries() - self.earlier if path not in self.roots]
        for path in [*new, *self._process_files()]:
            with suppress(PermissionError):
                yield from scanner.scan(files_under(path))

    def _process_files(self) -> list[Path]:
        """Reading the environment of an undumpable process is root's privilege; the kernel keeps it from others."""
        names = ("cmdline", "environ")
        return [Path(f"/proc/{self.system.pid(name)}/{file}") for name in ROOMS for file in names]


def entries() -> frozenset[Path]:
    return frozenset(path for place in TEMPORARY for path in place.iterdir() if not path.name.startswith("pytest-"))


@pytest.fixture(scope="module")
def scene(postgres: PostgresServer, rabbitmq: RabbitServer) -> Iterator[Scene]:
    earlier = entries()
    system = System(Path(tempfile.mkdtemp(prefix="sealdrop-canary-")), postgres, rabbitmq)
    try:
        made = Scene(system.start_all(), earlier)
        for flow in (successful, aborted, failing, strange):
            made.markers |= flow(system).markers
        yield made
    finally:
        system.close()


def test_no_word_of_a_source_is_on_any_disk(scene: Scene) -> None:
    assert len(scene.markers) > 60

    assert scene.search() == []


def test_a_planted_leak_is_found_in_every_place(scene: Scene) -> None:
    """Else the test above says nothing: the same search, the same markers."""
    name, marker = next(item for item in scene.markers.items() if "file middle" in item[0])
    log = scene.system.log("source-1")
    state = scene.system.directory / "worker" / "left"
    scene.system.sql("CREATE TABLE planted (raw bytea)")
    scene.system.sql(f"INSERT INTO planted VALUES (decode('{marker.hex()}', 'hex'))")
    scene.system.sql("DELETE FROM planted")
    with tempfile.NamedTemporaryFile(prefix="sealdrop-planted-", dir="/dev/shm") as spooled, log.open("a") as file:
        file.write(f"upload of {marker.hex()}\n")
        file.flush()
        state.write_bytes(b"x" + base64.b64encode(b"x" + marker))
        spooled.write(marker)
        spooled.flush()
        hits = scene.search()

    places = {hit.path for hit in hits}
    assert {str(log), str(state), spooled.name} <= places
    assert any("/base/" in place for place in places), "not in the deleted row"
    assert any("/pg_wal/" in place for place in places), "not in the WAL"
    assert {hit.marker for hit in hits} == {name}
