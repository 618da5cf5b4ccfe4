"""The ZIP inside every item: written as a stream, stored, and padded to a size class exact to the byte.

Theory: nothing is known of the content's length beforehand, so every member has a data descriptor and ZIP64 fields, and
the last member, `.pad`, is sized when all else is written. `zipfile` adds ZIP64 records to the central directory once a
size or an offset passes 2 GiB - 1; these few bytes depend on the pad's own size, so its size is solved for and the
outcome checked. Source: PKWARE APPNOTE 6.3.9, 4.3 and 4.5.3; CPython's Lib/zipfile.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sealing.errors import SealingError
from sealing.manifest import PAD_NAME

#: Where `zipfile` begins to write ZIP64 records into the central directory.
ZIP64_LIMIT = (1 << 31) - 1
_LOCAL_BYTES = 30 + 20
_DESCRIPTOR_BYTES = 24
_CENTRAL_BYTES = 46
_END_BYTES = 22
_ZIP64_END_BYTES = 56 + 20
#: What the pad's own size may add: its two sizes beside an offset that is there already, or with a field of their own.
_ZIP64_SIZES_BYTES = (0, 16, 4 + 16)
#: There are two limits to pass: two size classes in a row may be unreachable, never more.
_MOST_TRIES = 4
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_ZEROS = bytes(256 * 1024)

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Member:
    """A member as far as lengths go: its name, where its record begins, and its content's bytes."""

    name: str
    offset: int
    length: int

    def central_bytes(self) -> int:
        """Length of the member's record in the central directory."""
        words = 2 * (self.length > ZIP64_LIMIT) + (self.offset > ZIP64_LIMIT)
        return _CENTRAL_BYTES + len(self.name) + (4 + 8 * words if words else 0)


class _Sink:
    """An unseekable file: `zipfile` finds neither `tell` nor `seek`, and so writes data descriptors."""

    def __init__(self, write: Callable[[Buffer], object]) -> None:
        self._write = write
        self.written = 0

    def write(self, piece: Buffer) -> int:
        self._write(piece)
        self.written += len(piece)
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""


class _StreamedZip(ZipFile):
    """A ZIP that is thrown away when its upload breaks off, without trying to end it."""

    def __del__(self) -> None:
        """Nothing to release: the sink is ours."""


class PaddedZip:
    """A ZIP pushed out through `write`. Call `add` for small members, `open`, `update`s, then exhaust `finish`."""

    def __init__(self, write: Callable[[Buffer], object]) -> None:
        self._sink = _Sink(write)
        self._zip = _StreamedZip(self._sink, "w", ZIP_STORED, allowZip64=True)
        self._members: list[Member] = []
        self._begun = ("", 0)
        self._member: IO[bytes]

    def add(self, name: str, content: bytes) -> None:
        """A whole member."""
        self.open(name)
        self.update(content)
        self._end_member()

    def open(self, name: str) -> None:
        """Begin a member whose length is not known yet."""
        info = ZipInfo(name, _EPOCH)
        # The same record on every machine: nothing of the writer's system shows.
        info.create_system = _UNIX
        info.external_attr = 0o600 << 16
        self._begun = (name, self._sink.written)
        self._member = self._zip.open(info, "w", force_zip64=True)

    def update(self, content: Buffer) -> None:
        """More of the open member."""
        self._member.write(content)

    def finish(self, fit: Callable[[int], int]) -> Iterator[None]:
        """End the open member, pad, end the ZIP, in steps of 256 KiB at most: exhaust it.

        `fit` gives the smallest allowed total for so many bytes. Errors: SealingError when it is missed in the end.
        """
        self._end_member()
        total, pad = plan_pad(fit, self._sink.written, tuple(self._members))
        self.open(PAD_NAME)
        for start in range(0, pad, len(_ZEROS)):
            self.update(memoryview(_ZEROS)[: pad - start])
            yield
        self._end_member()
        self._zip.close()
        if self._sink.written != total:
            raise SealingError("the padding missed its size class")
        yield

    @property
    def written(self) -> int:
        """Bytes pushed out so far."""
        return self._sink.written

    def _end_member(self) -> None:
        self._member.close()
        name, offset = self._begun
        length = self._sink.written - offset - _LOCAL_BYTES - len(name) - _DESCRIPTOR_BYTES
        self._members.append(Member(name, offset, length))


def plan_pad(fit: Callable[[int], int], used_bytes: int, members: tuple[Member, ...]) -> tuple[int, int]:
    """The ZIP's total length, and the pad's, both in bytes.

    Some totals cannot be met: growing the pad by one byte across a ZIP64 limit grows the ZIP by more. Then the next
    size class is taken. Errors: SealingError if that does not help either.
    """
    total = fit(zip_length(used_bytes, members, 0))
    for _ in range(_MOST_TRIES):
        pad = _solve(total, used_bytes, members)
        if pad is not None:
            return total, pad
        total = fit(total + 1)
    raise SealingError("no size class can be met")


def _solve(total: int, used_bytes: int, members: tuple[Member, ...]) -> int | None:
    most = total - zip_length(used_bytes, members, 0)
    for sizes_bytes, end_bytes in product(_ZIP64_SIZES_BYTES, (0, _ZIP64_END_BYTES)):
        pad = most - sizes_bytes - end_bytes
        if zip_length(used_bytes, members, pad) == total:
            return pad
    return None


def zip_length(used_bytes: int, members: tuple[Member, ...], pad: int) -> int:
    """Length of the whole ZIP when `.pad` follows `used_bytes` of members and holds `pad` bytes."""
    directory_offset = used_bytes + _LOCAL_BYTES + len(PAD_NAME) + pad + _DESCRIPTOR_BYTES
    everyone = (*members, Member(PAD_NAME, used_bytes, pad))
    directory = sum(member.central_bytes() for member in everyone)
    zip64_end = _ZIP64_END_BYTES if directory_offset > ZIP64_LIMIT else 0
    return directory_offset + directory + zip64_end + _END_BYTES
