"""`make demo-svs`: finds what the journalist downloaded and opens it, as the viewing station would."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sealdrop_demo.state import State, read_facts

AGE_START = b"age-encryption.org/v1\n"


def open_downloads(root: Path, given: list[Path]) -> int:
    """Exit status of `svs open`. Errors: SystemExit when there is nothing to open."""
    facts = read_facts(root)
    state = State(root)
    files = given or newest_first(find_downloads(state))
    if not files:
        raise SystemExit(_nothing_found(state))
    print("The viewing station has no network; you carried these files to it:")
    for file in files:
        print(f"  {short(file, root)}")
    print()
    return _open(state, files, str(facts["svs_passphrase"]))


def find_downloads(state: State) -> list[Path]:
    """Sealed items where browsers put downloads, newer than the demo."""
    started = state.facts.stat().st_mtime
    places = [state.downloads, Path.home() / "Downloads", *_configured()]
    files = [file for place in dict.fromkeys(places) if place.is_dir() for file in place.glob("*.age")]
    return [file for file in files if file.stat().st_mtime >= started and _is_age(file)]


def newest_first(files: list[Path]) -> list[Path]:
    """By time of download."""
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)


def short(path: Path, root: Path) -> Path:
    """Below the demo's directory, where `svs` is run: the path from there. Elsewhere: whole."""
    return path.relative_to(root) if path.is_relative_to(root) else path.resolve()


def has_receipts(files: list[Path]) -> bool:
    """True when any receipt lies beside the files; `svs` then finds which speaks for which."""
    return any(next(file.parent.glob("*.receipt*"), None) for file in files)


def _open(state: State, files: list[Path], passphrase: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, passphrase.encode() + b"\n")
    os.close(writing)
    names = [str(short(path, state.root)) for path in (*files, state.svs, state.opened)]
    command = [sys.executable, "-m", "svs", "open", *names[:-2], "--dir", names[-2], "--out", names[-1]]
    command += ["--passphrase-fd", str(reading)]
    if not has_receipts(files):
        print("(No receipt was downloaded with them: they are opened unverified. Press Receipt, too, and try again.)\n")
        command.append("--unverified")
    run = subprocess.run(command, pass_fds=[reading], cwd=state.root, stdout=subprocess.PIPE, text=True, check=False)
    os.close(reading)
    print(run.stdout)
    _give_back(state)
    return run.returncode


def _give_back(state: State) -> None:
    """Opened by root, beside a demo that runs as nobody: let the demo see it."""
    if os.geteuid() == 0:
        owner = state.root.stat()
        for path in (state.svs, state.opened):
            for entry in (path, *path.rglob("*")):
                shutil.chown(entry, owner.st_uid, owner.st_gid)


def _configured() -> list[Path]:
    """Where the desktop says downloads go."""
    tool = shutil.which("xdg-user-dir")
    if tool is None:
        return []
    run = subprocess.run([tool, "DOWNLOAD"], capture_output=True, text=True, check=False)
    return [Path(run.stdout.strip())] if run.stdout.strip() else []


def _is_age(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(AGE_START)) == AGE_START


def _nothing_found(state: State) -> str:
    return (
        "No download found. In the journalists' window choose an item and press Download;\n"
        f"or name the file: make demo-svs FILE=path   (looked in {state.downloads} and your Downloads folder)"
    )
