"""Builds the journalists' web app with the Node that came as a wheel, once for each state of its sources."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[4]
SPA = REPOSITORY / "services" / "journalist-api" / "spa"
DIST = SPA / "dist"
STAMP = SPA / "node_modules" / ".sealdrop-built"
SOURCES = ("package-lock.json", "package.json", "index.html", "tsconfig.json", "vite.config.ts", "src")


def is_built() -> bool:
    """True when what is there was built from the sources that are there."""
    return (DIST / "index.html").exists() and STAMP.exists() and STAMP.read_text() == _digest()


def build() -> Path:
    """The built files' directory. Errors: SystemExit, with what npm said, when it does not build."""
    _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    _npm("run", "build")
    STAMP.write_text(_digest())
    return DIST


def place(built: Path, target: Path, pins: dict[str, object]) -> None:
    """A copy of the built files with what this installation's web app trusts beside them."""
    shutil.copytree(built, target)
    (target / "pins.json").write_text(json.dumps(pins, sort_keys=True), "utf-8")


def _npm(*arguments: str) -> None:
    command = [str(REPOSITORY / "deploy" / "build" / "node.sh"), "npm", "--prefix", str(SPA), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"The web app did not build (npm {arguments[0]}):\n{run.stdout[-2000:]}{run.stderr[-2000:]}")


def _digest() -> str:
    files = [path for name in SOURCES for path in sorted((SPA / name).rglob("*")) or [SPA / name] if path.is_file()]
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
