"""Where and as whom the suites run.

Root's runs work in a copy under /var/tmp that an unprivileged user owns: dependencies are installed there by root (it
may have to ask the network), the suites then run without root's rights. The copy stays for the next run; `make clean`
removes it. Anybody else's runs work in the tree itself.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

UNPRIVILEGED = "nobody"
KEPT = {".venv", ".build", "node_modules", ".git"}  #: made in the copy, not part of the original


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The original tree, and the directory that holds its copy (none: no copy)."""

    original: Path
    directory: Path | None

    @classmethod
    def of(cls, original: Path) -> "Sandbox":
        name = hashlib.sha256(str(original).encode()).hexdigest()[:12]
        return cls(original, Path(f"/var/tmp/sealdrop-test-{name}") if os.geteuid() == 0 else None)

    @property
    def tree(self) -> Path:
        return self.directory / "tree" if self.directory else self.original

    @property
    def reports(self) -> Path:
        return self.tree / ".build" / "reports"

    def prepare(self) -> None:
        """Copies the tree if need be, installs the dependencies."""
        if self.directory:
            self.tree.mkdir(parents=True, exist_ok=True)
            self._copy()
        self.reports.mkdir(parents=True, exist_ok=True)
        for script in (["deploy/build/venv.sh", "dev"], ["deploy/build/node.sh"]):
            subprocess.run([self.tree / script[0], *script[1:]], cwd=self.tree, check=True)
        if self.directory:
            (self.directory / "home").mkdir(exist_ok=True)
            self._hand_over()

    def command(self, words: Sequence[str], *, as_root: bool = False) -> list[str]:
        """The command as the user the suites run as."""
        if as_root:
            return list(words) if os.geteuid() == 0 else ["sudo", "-n", "-E", *words]
        if not self.directory:
            return list(words)
        group = str(pwd.getpwnam(UNPRIVILEGED).pw_gid)
        drop = ["setpriv", "--reuid", UNPRIVILEGED, "--regid", group, "--clear-groups", "--no-new-privs", "--"]
        return [*drop, *words]

    def environment(self) -> dict[str, str]:
        """Our own, with a home that the suites' user can write to."""
        home = {"HOME": str(self.directory / "home")} if self.directory else {}
        return {**os.environ, **home, "PYTHONUNBUFFERED": "1"}

    def remove(self) -> None:
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _copy(self) -> None:
        """Makes the copy hold exactly the files git knows or would know, and a git index of its own."""
        listed = subprocess.run(
            ["git", "-C", self.original, "ls-files", "-co", "--exclude-standard", "-z"], check=True, capture_output=True
        ).stdout
        names = {name for name in os.fsdecode(listed).split("\0") if name and (self.original / name).is_file()}
        for name in _files_below(self.tree) - names:
            (self.tree / name).unlink()
        for name in sorted(names):
            target = self.tree / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy2(self.original / name, target, follow_symlinks=False)

    def _hand_over(self) -> None:
        assert self.directory is not None
        owner = pwd.getpwnam(UNPRIVILEGED)
        subprocess.run(["chown", "-R", f"{owner.pw_uid}:{owner.pw_gid}", self.directory], check=True)
        for words in (["git", "init", "-q"], ["git", "add", "-A"]):
            subprocess.run(self.command(words), cwd=self.tree, env=self.environment(), check=True)


def _files_below(tree: Path) -> set[str]:
    found: set[str] = set()
    for directory, directories, files in os.walk(tree):
        directories[:] = [name for name in directories if name not in KEPT]
        found.update(str((Path(directory) / name).relative_to(tree)) for name in files)
    return found
