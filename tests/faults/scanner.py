"""Searches files for words that must not be in them, however they are spelled. Pure, but for reading the files.

Theory: a leak is seldom the plain bytes: databases and logs write hex, JSON and base64, and base64 of a word depends on
where the word begins in a group of three. So every marker becomes a handful of needles. A file is read in blocks that
overlap by the longest needle: a block stays in the processor's cache while all needles are looked for.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

BLOCK_BYTES: Final = 1024 * 1024
LEAST_BYTES: Final = 6  #: a shorter needle is found by chance


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A marker's name, how it was spelled, and the file."""

    marker: str
    spelling: str
    path: str


def spellings(marker: bytes) -> dict[str, bytes]:
    """The needles of one marker by the name of their spelling; equal ones once. Text is taken to be UTF-8."""
    found = {"raw": marker, "hex": marker.hex().encode(), "HEX": marker.hex().upper().encode()}
    for offset in range(3):
        inner = _base64_inside(marker, offset)
        found[f"base64+{offset}"] = inner
        found[f"base64url+{offset}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    found["url"] = quote(marker, safe="").encode()
    found["url lower"] = quote(marker, safe="").lower().encode()
    found["form"] = quote_plus(marker).encode()
    found["escaped"] = repr(marker)[2:-1].encode()
    try:
        text = marker.decode()
    except UnicodeDecodeError:
        text = marker.decode("latin-1")
    found["utf-16le"], found["utf-16be"] = text.encode("utf-16-le"), text.encode("utf-16-be")
    found["json"] = json.dumps(text)[1:-1].encode()
    unique = {needle: name for name, needle in reversed(found.items()) if len(needle) >= LEAST_BYTES}
    return {name: needle for needle, name in unique.items()}


def _base64_inside(marker: bytes, offset: int) -> bytes:
    """What base64 makes of a marker that begins at `offset` modulo 3, but for the letters its neighbours share."""
    encoded = base64.b64encode(bytes(offset) + marker)
    first = (0, 2, 3)[offset]
    whole = (offset + len(marker)) * 8 // 6
    return encoded[first:whole]


class Scanner:
    """Looks for the spellings of named markers. Errors: ValueError for a marker too short to mean anything."""

    def __init__(self, markers: Mapping[str, bytes], block_bytes: int = BLOCK_BYTES) -> None:
        short = [name for name, marker in markers.items() if len(marker) < LEAST_BYTES]
        if short or not markers:
            raise ValueError(f"too short: {short}")
        self._needles = {
            needle: (name, spelling)
            for name, marker in markers.items()
            for spelling, needle in spellings(marker).items()
        }
        self._overlap = max(map(len, self._needles)) - 1
        self._block_bytes = block_bytes
        self.scanned_bytes = 0
        self.scanned_files = 0

    def scan(self, paths: Iterable[Path]) -> list[Hit]:
        """All hits, each once per file. A file that is gone when its turn comes is passed over."""
        found: set[Hit] = set()
        for path in paths:
            try:
                found.update(Hit(name, spelling, str(path)) for name, spelling in self._in_file(path))
            except FileNotFoundError:
                continue
        return sorted(found)

    def _in_file(self, path: Path) -> Iterator[tuple[str, str]]:
        tail = b""
        with path.open("rb", buffering=0) as file:
            self.scanned_files += 1
            while block := file.read(self._block_bytes):
                self.scanned_bytes += len(block)
                window = tail + block
                yield from self._in_block(window)
                tail = window[-self._overlap :] if self._overlap else b""

    def _in_block(self, window: bytes) -> Iterator[tuple[str, str]]:
        if not window.strip(b"\0"):
            return
        for needle, meaning in self._needles.items():
            if needle in window:
                yield meaning


def files_under(*roots: Path) -> Iterator[Path]:
    """Every regular file; roots may be files. Links are not followed, sockets and pipes not opened."""
    for root in roots:
        for path in [root] if not root.is_dir() else root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                yield path
