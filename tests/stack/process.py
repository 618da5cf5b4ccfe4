"""Starting and ending server processes for tests.

Every server is a direct child of the test run, dies with it (parent-death signal), and never runs as root: PostgreSQL
and RabbitMQ refuse or should not. A missing program fails the test that needs it; nothing is skipped.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

UNPRIVILEGED: Final = "nobody"
SEARCH: Final = ("/usr/lib/postgresql/15/bin", "/usr/lib/rabbitmq/bin", "/usr/bin", "/bin", "/usr/sbin")


def require_tool(name: str) -> str:
    """The full path of a program; the test fails when it is not installed."""
    path = shutil.which(name, path=os.pathsep.join(SEARCH))
    if path is None:
        pytest.fail(f"{name} is not installed; `make test` as root installs what the tests need", pytrace=False)
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def server_directory(name: str) -> Path:
    """A new directory that the servers' user owns. Its path is short: a unix socket's path has room for 107 bytes."""
    directory = Path(tempfile.mkdtemp(prefix=f"sealdrop-{name}-", dir="/tmp"))
    directory.chmod(0o711)
    give_to_server(directory)
    return directory


def give_to_server(*paths: Path) -> None:
    """Hands files to the user the servers run as (only root can and must)."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        for path in paths:
            os.chown(path, user.pw_uid, user.pw_gid)


def unprivileged(command: Sequence[str | Path], *, dies_by: str = "TERM") -> list[str]:
    """The command, run without root's rights and ended by the given signal when the test run ends."""
    words = [str(word) for word in command]
    drop = []
    if os.geteuid() == 0:
        group = str(pwd.getpwnam(UNPRIVILEGED).pw_gid)
        drop = ["--reuid", UNPRIVILEGED, "--regid", group, "--clear-groups", "--no-new-privs"]
    return [require_tool("setpriv"), *drop, "--pdeathsig", dies_by, "--", *words]


def start(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Starts a server in its own process group; what it prints goes to `log`."""
    own = {"PATH": os.pathsep.join(SEARCH), "LANG": "C.UTF-8", "HOME": str(log.parent), **(environment or {})}
    with log.open("ab") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=own, cwd=log.parent, process_group=0
        )


def run(command: Sequence[str], directory: Path, environment: Mapping[str, str] | None = None) -> str:
    """Runs a command to its end; the test fails with its output when it fails."""
    own = {"PATH": os.pathsep.join(SEARCH), "LANG": "C.UTF-8", "HOME": str(directory), **(environment or {})}
    done = subprocess.run(command, cwd=directory, env=own, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}", pytrace=False)
    return done.stdout


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Waits for a server to be ready; fails with the end of its log when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            why = "did not start" if process.poll() is None else f"ended with {process.returncode}"
            tail = log.read_text(errors="replace")[-4000:]
            pytest.fail(f"{process.args!r} {why}:\n{tail}", pytrace=False)
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """Ends one process that we started and waits for it; the hard way when it does not go."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


def children(pid: int) -> list[int]:
    """The live child processes of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry.name))
    return found


def wait_until_gone(pids: Iterable[int], seconds: float = 20) -> None:
    """Waits for processes that are not ours to reap."""
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline:
            pytest.fail(f"still there after {seconds} s: {left}", pytrace=False)
        time.sleep(0.02)


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
