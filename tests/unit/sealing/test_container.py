"""The padded ZIP: exact to the byte at every length, and accepted by stock tools on every Python."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing.container import ZIP64_LIMIT, Member, PaddedZip, plan_pad, zip_length
from sealing.padding import KINDS, is_size_class, size_class

from tests.unit.sealing.zip_tools import check_with_stock_tools, list_with_stock_tools, pythons, write_with

KIB, GIB = 1024, 1024**3
ZEROS = bytes(KIB * KIB)
CONTENT = "content/file.bin"


class SparseFile:
    """Writes a file in which runs of zeros are holes, so that gigabytes cost neither disk nor time."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("wb")

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        if len(piece) >= 4096 and bytes(piece) == ZEROS[: len(piece)]:
            self.file.seek(len(piece), io.SEEK_CUR)
        else:
            self.file.write(piece)

    def close(self) -> None:
        self.file.truncate()
        self.file.close()


def write_zip(write: Callable[..., object], length: int, fit: Callable[[int], int]) -> int:
    """A ZIP of so many zero bytes; its own length."""
    archive = PaddedZip(write)
    archive.add("manifest.json", b"{}")
    archive.open(CONTENT)
    for start in range(0, length, len(ZEROS)):
        archive.update(memoryview(ZEROS)[: length - start])
    for _ in archive.finish(fit):
        pass
    return archive.written


def write_sparse(path: Path, length: int, fit: Callable[[int], int]) -> int:
    sparse = SparseFile(path)
    total = write_zip(sparse.write, length, fit)
    sparse.close()
    return total


def content_filling(used_bytes: int) -> int:
    """The content's length that makes the pad member begin at `used_bytes`."""
    archive = PaddedZip(lambda piece: None)
    archive.add("manifest.json", b"{}")
    archive.open(CONTENT)
    return used_bytes - archive.written - 24


def members_for(used_bytes: int) -> tuple[Member, ...]:
    """What `write_zip` has written when its pad member begins at `used_bytes`."""
    start = 30 + 20 + len("manifest.json") + 2 + 24
    return Member("manifest.json", 0, 2), Member(CONTENT, start, content_filling(used_bytes))


def test_zip64_limit_is_the_one_of_the_standard_library() -> None:
    assert ZIP64_LIMIT == zipfile.ZIP64_LIMIT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [0, 1, 15_000, 16_000, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 1_000_000])
def test_total_is_a_size_class_exact_to_the_byte(kind: str, length: int) -> None:
    buffer = io.BytesIO()

    total = write_zip(buffer.write, length, partial(size_class, kind))

    assert total == len(buffer.getvalue())
    assert is_size_class(kind, total)
    with zipfile.ZipFile(buffer) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", CONTENT, ".pad"]
        assert archive.getinfo(CONTENT).file_size == length


def test_total_is_exact_for_every_length_around_a_class() -> None:
    """2000 consecutive lengths, over the edge of the 16 KiB and the 64 KiB class."""
    edges = (16 * KIB - 700, 64 * KIB - 700)
    for length in (edge + step for edge in edges for step in range(1000)):
        assert is_size_class("message", write_zip(lambda piece: None, length, partial(size_class, "message")))


def test_nothing_in_the_zip_tells_time_or_machine() -> None:
    buffer = io.BytesIO()
    write_zip(buffer.write, 10, partial(size_class, "file"))

    with zipfile.ZipFile(buffer) as archive:
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert (member.create_system, member.external_attr >> 16, member.compress_type) == (3, 0o600, 0)
            assert member.extra == b"" or member.file_size > ZIP64_LIMIT


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("length", [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1])
def test_stock_tools_accept_what_each_python_writes(tmp_path: Path, python: str, length: int) -> None:
    path = tmp_path / "item.zip"

    write_with(python, path, length, "file")

    assert is_size_class("file", path.stat().st_size)
    check_with_stock_tools(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.read(CONTENT) == b"x" * length


@settings(max_examples=400, deadline=None)
@given(st.integers(400, 1 << 42) | st.integers(ZIP64_LIMIT - 200, ZIP64_LIMIT + 200), st.sampled_from(KINDS))
def test_pad_is_planned_exactly_for_any_length(used_bytes: int, kind: str) -> None:
    members = members_for(used_bytes)

    total, pad = plan_pad(partial(size_class, kind), used_bytes, members)

    assert pad >= 0
    assert is_size_class(kind, total)
    assert zip_length(used_bytes, members, pad) == total
    assert total <= size_class(kind, size_class(kind, zip_length(used_bytes, members, 0)) + 1)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300), st.sampled_from([3 * GIB, ZIP64_LIMIT + 200]))
def test_total_that_a_zip64_limit_makes_unreachable_gives_way_to_the_next(step: int, first: int) -> None:
    """Whatever the pad's length around the limit, the plan is exact: in `first`, or in the class after it."""
    used_bytes = first - ZIP64_LIMIT - 400 + step if first > 2 * GIB + 1000 else 400 + step
    members = members_for(used_bytes)
    fit = lambda length: first if length <= first else 4 * GIB  # noqa: E731  # a set of two allowed totals

    total, pad = plan_pad(fit, used_bytes, members)

    reachable = any(zip_length(used_bytes, members, first - used_bytes - rest) == first for rest in range(600))
    assert total == (first if reachable else 4 * GIB)
    assert zip_length(used_bytes, members, pad) == total


def test_some_totals_are_unreachable() -> None:
    """The case above is real: one byte more of padding, many more of ZIP."""
    members = members_for(1000)
    jumps = [
        zip_length(1000, members, pad + 1) - zip_length(1000, members, pad)
        for pad in range(ZIP64_LIMIT - 2000, ZIP64_LIMIT + 10)
    ]
    assert sorted(set(jumps)) == [1, 21, 77]


@pytest.mark.slow
@pytest.mark.parametrize("used_bytes", [ZIP64_LIMIT - 100, ZIP64_LIMIT, ZIP64_LIMIT + 1, ZIP64_LIMIT + 100])
def test_real_zip_is_exact_where_offsets_pass_the_zip64_limit(used_bytes: int) -> None:
    total = write_zip(lambda piece: None, content_filling(used_bytes), partial(size_class, "file"))
    assert is_size_class("file", total)


@pytest.mark.slow
@pytest.mark.parametrize("excess", [-200, -100, -1, 0, 1, 20, 21, 76, 77, 97])
def test_real_zip_is_exact_where_the_pad_passes_the_zip64_limit(excess: int) -> None:
    """`finish` itself compares the bytes written with the plan."""
    least = zip_length(1000, members_for(1000), 0)
    allowed = (least + ZIP64_LIMIT + excess, 5 * GIB // 2)

    total = write_zip(
        lambda piece: None,
        content_filling(1000),
        lambda length: next(total for total in allowed if total >= length),
    )

    assert total in allowed


def test_stock_tools_read_the_directory_of_content_over_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "big.zip"

    total = write_sparse(path, 4 * GIB + 1, partial(size_class, "file"))

    assert path.stat().st_size == total
    assert is_size_class("file", total)
    list_with_stock_tools(path)


def test_stock_tools_read_the_directory_of_a_pad_over_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "padded.zip"

    total = write_sparse(path, 1, lambda length: 5 * GIB)

    assert path.stat().st_size == total == 5 * GIB
    list_with_stock_tools(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo(".pad").file_size > 4 * GIB
        assert archive.read(CONTENT) == b"\0"


@pytest.mark.slow
@pytest.mark.parametrize("python", pythons())
def test_stock_tools_read_every_byte_of_content_over_4_gib(tmp_path: Path, python: str) -> None:
    path = tmp_path / "big.zip"

    write_with(python, path, 4 * GIB + 1, "file")

    assert is_size_class("file", path.stat().st_size)
    check_with_stock_tools(path)


@pytest.mark.slow
def test_stock_tools_read_every_byte_of_a_pad_over_4_gib(tmp_path: Path) -> None:
    path = tmp_path / "padded.zip"

    write_sparse(path, 1, lambda length: 5 * GIB)

    check_with_stock_tools(path)
