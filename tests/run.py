"""Runs every suite and prints a table of seconds: `make test`. Needs nothing but Python's standard library.

As root it copies the tree to a place of its own and runs the suites there as an unprivileged user, because servers and
browsers refuse root, and because what a test may not do should fail. Otherwise it runs them where they are.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.sandbox import Sandbox
from tests.suites import SUITES, Suite

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a suite. A skipped test counts as failed: a missing tool is no excuse."""

    suite: Suite
    seconds: float
    passed: int
    failed: int


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the test suites.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="only these: " + ", ".join(s.name for s in SUITES))
    parser.add_argument("--clean", action="store_true", help="remove the copy that root's runs work in")
    chosen = parser.parse_args(arguments)
    sandbox = Sandbox.of(ROOT)
    if chosen.clean:
        sandbox.remove()
        return 0
    started = time.monotonic()
    subprocess.run([ROOT / "deploy/build/packages.sh"], check=True)
    sandbox.prepare()
    results = run_all([s for s in SUITES if not chosen.suites or s.name in chosen.suites], sandbox)
    print_table(results, time.monotonic() - started)
    return 1 if any(result.failed for result in results) else 0


def run_all(suites: Sequence[Suite], sandbox: Sandbox) -> list[Result]:
    """First those that bear company, two at a time; then the others one by one."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        together = list(pool.map(lambda suite: run(suite, sandbox), [s for s in suites if not s.alone]))
    return together + [run(suite, sandbox) for suite in suites if suite.alone]


def run(suite: Suite, sandbox: Sandbox) -> Result:
    """Runs one suite to its end or its limit, and prints what it said."""
    print(f"--- {suite.name} starts", flush=True)
    report = sandbox.reports / f"{suite.name}.xml"
    report.unlink(missing_ok=True)
    started = time.monotonic()
    code, output = execute(sandbox.command(suite.words(report), as_root=suite.as_root), sandbox, suite.limit_seconds)
    seconds = time.monotonic() - started
    passed, failed = counts(report)
    if code != 0 and failed == 0:
        failed = 1  # it failed as a whole: a check that is not pytest, a crash, the limit
    print(f"=== {suite.name}: exit {code} after {seconds:.0f} s\n{output}", flush=True)
    return Result(suite, seconds, passed, failed)


def execute(command: Sequence[str], sandbox: Sandbox, limit_seconds: int) -> tuple[int, str]:
    """Exit code and output. What is over the limit is asked to end (so that it can stop its servers), then made to."""
    process = subprocess.Popen(
        command,
        cwd=sandbox.tree,
        env=sandbox.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        output, _ = process.communicate(timeout=limit_seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            output, _ = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        output += f"\nended: over its limit of {limit_seconds} s"
    return process.returncode, output


def counts(report: Path) -> tuple[int, int]:
    """Passed and failed tests of pytest's own report; nothing when there is none."""
    if not report.is_file():
        return 0, 0
    total = bad = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests", 0))
        bad += sum(int(suite.get(kind, 0)) for kind in ("failures", "errors", "skipped"))
    return total - bad, bad


def print_table(results: Iterable[Result], seconds: float) -> None:
    print("\nsuite             seconds   passed   failed")
    for result in results:
        print(f"{result.suite.name:<16} {result.seconds:>8.1f} {result.passed:>8} {result.failed:>8}")
    print(f"{'all, with setup':<16} {seconds:>8.1f}")
    print(f"{sum(r.passed for r in results)} passed, {sum(r.failed for r in results)} failed", flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
