"""The scanner finds a marker in every spelling and at every place, and nothing where nothing is."""

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.faults.scanner import Hit, Scanner, files_under, spellings

BINARY = bytes.fromhex("00ff10c3281b9d2e7f80aa55fe0110c7d9b3e6a1f4c2d5e8")
TEXT = "Überweisung f3a9/копия.pdf".encode()
NOISE = random.Random(5).randbytes(70_000)


def planted(directory: Path, leak: bytes, at: int) -> Path:
    path = directory / "file"
    path.write_bytes(NOISE[:at] + leak + NOISE[at:])
    return path


@pytest.mark.parametrize("marker", [BINARY, TEXT])
@pytest.mark.parametrize(
    "spell",
    [
        bytes,
        lambda marker: marker.hex().encode(),
        lambda marker: marker.hex().upper().encode(),
        lambda marker: base64.b64encode(b"" + marker + b"tail"),
        lambda marker: base64.b64encode(b"x" + marker + b"tail"),
        lambda marker: base64.b64encode(b"xy" + marker + b"tail"),
        lambda marker: base64.urlsafe_b64encode(b"xy" + marker + b"tail"),
        lambda marker: quote(marker, safe="").encode(),
        lambda marker: marker.decode("utf-8" if marker == TEXT else "latin-1").encode("utf-16-le"),
        lambda marker: json.dumps({"name": marker.decode("utf-8" if marker == TEXT else "latin-1")}).encode(),
        lambda marker: repr(marker).encode(),
    ],
)
def test_every_spelling_is_found(tmp_path: Path, marker: bytes, spell: Callable[[bytes], bytes]) -> None:
    hits = Scanner({"it": marker}).scan([planted(tmp_path, spell(marker), 30_001)])

    assert {hit.marker for hit in hits} == {"it"}


@pytest.mark.parametrize("at", [0, 1, 4095, 4096 - len(BINARY) // 2, 4096, 4097, 69_999, 70_000])
def test_a_marker_across_two_blocks_is_found(tmp_path: Path, at: int) -> None:
    path = planted(tmp_path, BINARY, at)

    assert Scanner({"it": BINARY}, block_bytes=4096).scan([path]) == [Hit("it", "raw", str(path))]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    almost = BINARY[:-1] + b"\0"

    assert Scanner({"it": BINARY, "text": TEXT}).scan([planted(tmp_path, almost, 100)]) == []


def test_a_marker_that_chance_would_find_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Scanner({"it": b"ab"})


def test_no_needle_is_short() -> None:
    assert min(map(len, spellings(b"acid acre").values())) >= 6


def test_all_files_of_a_tree_are_searched(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    inner, single = tmp_path / "a/b/inner", tmp_path / "single"
    inner.write_bytes(BINARY)
    single.write_bytes(BINARY)
    (tmp_path / "a/link").symlink_to(inner)

    assert set(files_under(tmp_path / "a", single)) == {inner, single}
