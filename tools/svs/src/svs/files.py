"""Files this tool writes: for the owner only, whole or not at all, and never over another file."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from svs.names import numbered

PARTIAL_SUFFIX: Final = ".partial"
_MOST_NUMBERS: Final = 10_000
_NO_LINKS: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES})


def write_new(path: Path, content: bytes) -> None:
    """A new file, mode 0600, on the disk when it returns. Errors: FileExistsError, OSError (nothing is left then)."""
    with partial_file(path.parent) as partial:
        partial.file.write(content)
        if not _take_name(partial, path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def replace(path: Path, content: bytes) -> None:
    """As `write_new`, but over the file that was there: it is the old or the new one, whatever happens."""
    with partial_file(path.parent) as partial:
        partial.file.write(content)
        _flush(partial.file)
        partial.path.replace(path)
        sync_directory(path.parent)


@dataclass(frozen=True, slots=True)
class Partial:
    """A file under construction. Its name is random: no foreign name is ever used before the content is whole."""

    path: Path
    file: BinaryIO


@contextmanager
def partial_file(directory: Path) -> Iterator[Partial]:
    """A fresh `….partial` (0600), open for writing and reading; gone at the end unless it was given a name."""
    path = directory / (secrets.token_hex(8) + PARTIAL_SUFFIX)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield Partial(path, file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def keep(partial: Partial, name: str) -> Path:
    """Gives a whole file its name beside it, or a numbered one when the name is taken; never replaces anything.

    Shape: name is one path component. Errors: OSError.
    """
    for number in range(1, _MOST_NUMBERS):
        path = partial.path.with_name(name if number == 1 else numbered(name, number))
        if _take_name(partial, path):
            return path
    raise FileExistsError(errno.EEXIST, "too many files of this name")


def sync_directory(directory: Path) -> None:
    """Makes new names in a directory survive a power loss."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _take_name(partial: Partial, path: Path) -> bool:
    """False when the name is taken. A hard link never replaces; where there are none, an empty file holds the place."""
    _flush(partial.file)
    try:
        os.link(partial.path, path, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _take_place(partial, path)
    partial.path.unlink()
    sync_directory(path.parent)
    return True


def _take_place(partial: Partial, path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    partial.path.replace(path)
    sync_directory(path.parent)
    return True


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
