"""`make bench`: acknowledged MB/s, beside a server that only reads and discards, and beside a bare COPY, in one run.

Ratios are what counts: all three run on the same machine, one after the other, several times over; medians are shown.
`--short` is the form CI runs: it proves that the benchmark runs, not how fast anything is.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ctl.installation import SOURCE, WORKER

from bench import copying
from tests.stack.authority import TestAuthority
from tests.stack.people import SourceClient, SourceFile, was_received
from tests.stack.postgres import PostgresServer
from tests.stack.process import free_port, stop
from tests.stack.rabbitmq import RabbitServer
from tests.stack.system import System, cpu_seconds, resident_kib

MB: Final = 1_000_000
BLOCK: Final = bytes(range(256)) * 4096
BROKER, DATABASE = "RabbitMQ", "PostgreSQL"


@dataclass(slots=True)
class Row:
    """Seconds of each round, for one size."""

    megabytes: int
    sealdrop: list[float] = field(default_factory=list)
    discard: list[float] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)

    def line(self) -> str:
        rates = [self.megabytes / statistics.median(seconds) for seconds in (self.sealdrop, self.discard, self.copy)]
        ours, discard, copy = rates
        shown = f"{self.megabytes:>6} {ours:>12.1f} {discard:>12.1f} {copy:>12.1f}"
        return f"{shown} {ours / discard:>12.0%} {ours / copy:>12.0%}"


def content(megabytes: int) -> Iterator[bytes]:
    """That many bytes, a block at a time."""
    left = megabytes * MB
    while left > 0:
        yield BLOCK[:left]
        left -= len(BLOCK)


def measure_upload(client: SourceClient, megabytes: int) -> float:
    """Seconds from the first byte to the page that says received."""
    form = client.form()
    started = time.perf_counter()
    answer = client.send("", [SourceFile("bench.bin", content(megabytes))], form=form)
    seconds = time.perf_counter() - started
    assert was_received(answer), answer.status_code
    return seconds


def measure_discard(port: int, megabytes: int) -> float:
    """The same body to a server that reads it and forgets it."""
    with SourceClient(f"http://127.0.0.1:{port}") as client:
        started = time.perf_counter()
        answer = client.send("", [SourceFile("bench.bin", content(megabytes))], form=("/", "x" * 64))
        seconds = time.perf_counter() - started
    assert answer.status_code == 204
    return seconds


def run(system: System, sizes: list[int], rounds: int, discard_port: int) -> list[Row]:
    """Interleaved, so that a busy moment of the machine meets all three."""
    rows = [Row(size) for size in sizes]
    with SourceClient(system.source_url) as client:
        measure_upload(client, 1)  # warms up: connections, code, caches
        for row in rows:
            for _ in range(rounds):
                row.sealdrop.append(measure_upload(client, row.megabytes))
                row.discard.append(measure_discard(discard_port, row.megabytes))
                row.copy.append(asyncio.run(copying.measure(system.postgres, system.database, row.megabytes * MB)))
    return rows


def report_processes(system: System, before: dict[str, float]) -> None:
    """CPU seconds since `before`, and peak resident memory."""
    print(f"\n{'process':<14} {'CPU s':>8} {'peak RSS MiB':>14}")
    for name, pid in pids(system).items():
        cpu = total_cpu(system, name, pid) - before[name]
        print(f"{name:<14} {cpu:>8.2f} {resident_kib(pid) / 1024:>14.0f}")


def pids(system: System) -> dict[str, int]:
    return {
        "source-api": system.pid(SOURCE),
        "crypto-worker": system.pid(WORKER),
        BROKER: system.rabbitmq.pid,
        DATABASE: system.postgres.pid,
    }


def total_cpu(system: System, name: str, pid: int) -> float:
    """PostgreSQL works in children: theirs count, those that have ended included."""
    if name != DATABASE:
        return cpu_seconds(pid)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    seconds = cpu_seconds(pid, with_ended_children=True)
    for child in children:
        with suppress(FileNotFoundError):  # ended since: counted the next time
            seconds += cpu_seconds(int(child))
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="small sizes, one round")
    short = parser.parse_args().short
    sizes, rounds = ([1, 20], 1) if short else ([1, 100, 500], 3)
    authority = TestAuthority()
    postgres, rabbitmq = PostgresServer(authority), RabbitServer(authority)
    port = free_port()
    discard = subprocess.Popen([sys.executable, "-m", "bench.discard", str(port)])
    system = System(Path(tempfile.mkdtemp(prefix="sealdrop-bench-")), postgres, rabbitmq)
    try:
        system.start_all()
        before = {name: total_cpu(system, name, pid) for name, pid in pids(system).items()}
        rows = run(system, sizes, rounds, port)
        print(f"\nMB/s, median of {rounds}: one source, loopback, all processes on this machine\n")
        print(f"{'MB':>6} {'Sealdrop':>12} {'discard':>12} {'bare COPY':>12} {'of discard':>12} {'of COPY':>12}")
        print("\n".join(row.line() for row in rows))
        report_processes(system, before)
    finally:
        stop(discard)
        system.close()
        for server in (rabbitmq, postgres, authority):
            server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
