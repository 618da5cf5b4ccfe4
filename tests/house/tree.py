"""What is in the repository, for tests that read it."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("libs", "services", "tools")


def tracked(*patterns: str) -> list[Path]:
    """The tracked files that match git's patterns (all files without one) and are in the working tree."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def shown(path: Path) -> str:
    """A path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()


def sources() -> list[Path]:
    """Every Python file of our own packages."""
    return [path for path in tracked("*.py") if shown(path).split("/")[0] in ROOMS and "/src/" in shown(path)]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def projects() -> dict[str, dict[str, Any]]:
    """Every pyproject.toml by its path."""
    return {shown(path): tomllib.loads(path.read_text()) for path in tracked("*pyproject.toml")}


def settings() -> dict[str, Any]:
    """The root's pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
