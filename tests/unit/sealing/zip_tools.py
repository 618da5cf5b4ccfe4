"""Stock ZIP tools and Pythons that must accept what we write, and a program that writes without OpenSSL."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import sealing

SOURCE = Path(sealing.__path__[0]).parent

#: Argument 1: a path; 2: the content's length; 3: the kind.
WRITE_ZIP = """
import sys
from functools import partial
from sealing.container import PaddedZip
from sealing.padding import size_class

path, length, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with open(path, "wb") as file:
    archive = PaddedZip(file.write)
    archive.add("manifest.json", b"{}")
    archive.open("content/file.bin")
    for start in range(0, length, 65536):
        archive.update(b"x" * min(65536, length - start))
    for _ in archive.finish(partial(size_class, kind)):
        pass
"""


def pythons() -> list[str]:
    """This Python, Debian's own, and 3.13 where it is installed. Only those that start count."""
    found = [sys.executable, "/usr/bin/python3"]
    installed = shutil.which("python3.13")
    if installed and subprocess.run([installed, "-c", ""], capture_output=True, check=False).returncode == 0:
        found.append(installed)
    return found


def write_with(python: str, path: Path, length: int, kind: str) -> None:
    """Write a padded ZIP under another Python; the ZIP layer needs only the standard library."""
    command = [python, "-W", "error", "-c", WRITE_ZIP, str(path), str(length), kind]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, env=environment, capture_output=True)


def run_tool(*command: str, keep: bool = False) -> bytes:
    """A stock tool that must be there and must succeed; what it prints is kept on request only: it may be long."""
    program = shutil.which(command[0])
    assert program, f"install {command[0]} (apt)"
    output = subprocess.PIPE if keep else subprocess.DEVNULL
    return subprocess.run([program, *command[1:]], check=True, stdout=output, stderr=subprocess.PIPE).stdout or b""


def check_with_stock_tools(path: Path) -> None:
    """Every byte read and every checksum compared by three implementations."""
    run_tool("unzip", "-tqq", str(path))
    run_tool("7z", "t", str(path))
    run_tool("bsdtar", "-tf", str(path))
    run_tool("bsdtar", "-xOf", str(path))


def list_with_stock_tools(path: Path) -> None:
    """Only the directory read: quick for files of many gigabytes."""
    for command in (("unzip", "-l"), ("7z", "l"), ("bsdtar", "-tf")):
        listing = run_tool(*command, str(path), keep=True)
        assert b"manifest.json" in listing
        assert b".pad" in listing
