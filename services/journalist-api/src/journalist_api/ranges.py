"""The Range header of a download (RFC 9110, section 14). Pure.

One range of bytes is understood. Anything else that is not plainly wrong (several ranges, other units) is
ignored, as the RFC allows: the whole file is sent.
"""

import re
from dataclasses import dataclass
from typing import Final

_SINGLE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Unsatisfiable(Exception):
    """The range begins behind the file's end: answer 416."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes [start, stop) of a file of `size` bytes."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def is_whole(self) -> bool:
        return self.length == self.size

    @property
    def content_range(self) -> str:
        """Value of a 206 answer's Content-Range."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def wanted_span(range_header: str | None, if_range: str | None, etag: str, size: int) -> Span | None:
    """The part asked for, or None for the whole file with status 200.

    `if_range` is honoured only if it is exactly the (strong) `etag`; dates never match, as files have none here.
    Errors: Unsatisfiable.
    """
    if range_header is None or (if_range is not None and if_range != etag):
        return None
    match = _SINGLE.fullmatch(range_header.strip())
    if match is None:
        return None
    return _span(match[1], match[2], size)


def _span(first: str, last: str, size: int) -> Span | None:
    if not first:
        return _suffix(last, size)
    start = int(first)
    if last and int(last) < start:
        return None  # not a valid range at all: ignored
    if start >= size:
        raise Unsatisfiable
    stop = min(int(last) + 1, size) if last else size
    return Span(start, stop, size)


def _suffix(count: str, size: int) -> Span | None:
    if not count:
        return None
    if int(count) == 0 or size == 0:
        raise Unsatisfiable
    return Span(max(0, size - int(count)), size, size)
