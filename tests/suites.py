"""The suites that `make test` runs, in their order. tests/house holds that every directory of tests belongs to one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PYTHON: Final = ".venv/bin/python"


@dataclass(frozen=True, slots=True)
class Suite:
    """One line of the table."""

    name: str
    command: tuple[str, ...]
    paths: tuple[str, ...] = ()  #: what pytest collects; empty for a command that is not pytest
    report_option: str = ""  #: how the command is told where to write its JUnit report; empty when it writes none
    alone: bool = False  #: nothing else may run at the same time: it measures, or it needs all the machine
    as_root: bool = False  #: the one exception from running unprivileged: it starts a container engine
    limit_seconds: int = 900  #: ended, and failed, after this time

    def words(self, report: Path) -> tuple[str, ...]:
        """The whole command, its report in a file."""
        told = (f"{self.report_option}={report}",) if self.report_option else ()
        return (*self.command, *self.paths, *told)


def tests(name: str, *paths: str, alone: bool = False, as_root: bool = False, limit_seconds: int = 900) -> Suite:
    """A suite of pytest; the long forms have targets of their own."""
    command = (PYTHON, "-m", "pytest", "-q", "-m", "not slow", "--durations=3")
    return Suite(name, command, paths, "--junitxml", alone, as_root, limit_seconds)


NPM_TEST: Final = ("deploy/build/node.sh", "npm", "--prefix", "services/journalist-api/spa", "run", "test", "--")


IN: Final = "tests/integration"

SUITES: Final = (
    tests("unit", "tests/unit", limit_seconds=1200),  # the longest first: what follows fills the other place
    Suite("lint", ("deploy/build/lint.sh",)),
    tests("house", "tests/house"),
    tests("vectors", "tests/vectors"),
    tests("model", "tests/model"),
    Suite("spa", (*NPM_TEST, "--reporter=default", "--reporter=junit"), report_option="--outputFile.junit"),
    tests("database", f"{IN}/postgres", f"{IN}/stack"),
    tests("handover", f"{IN}/bus", f"{IN}/handover"),
    tests("services", f"{IN}/source_api", f"{IN}/journalist_api", f"{IN}/monitor", f"{IN}/svs"),
    tests("system", f"{IN}/system", alone=True),
    tests("browser", "tests/browser", alone=True),
    tests("fuzz", "tests/fuzz", alone=True, limit_seconds=300),
    tests("faults", "tests/faults", alone=True, limit_seconds=1200),
    tests("promises", "tests/promises", alone=True),
    tests("compose", "tests/infra", alone=True, as_root=True, limit_seconds=1800),
    Suite("tour", (PYTHON, "-m", "sealdrop_demo", "tour", "--pictures", ".build/pictures"), alone=True),
    Suite("bench", (PYTHON, "-m", "bench", "--short"), alone=True),
)
