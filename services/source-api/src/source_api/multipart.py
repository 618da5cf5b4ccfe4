"""The multipart form as a stream of events, from python-multipart's push parser. Pure: bytes in, events out.

Nothing is kept here but the headers of one part (at most 8 lines of 8 KiB) and the bytes since the last event.
Source: RFC 7578; WHATWG HTML, "multipart/form-data".
"""

from dataclasses import dataclass
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

_MOST_HEADERS: Final = 8
_MOST_HEADER_BYTES: Final = 8 * 1024
_SLICE_BYTES: Final = 64 * 1024  #: fed at once, so that a chunk full of tiny parts makes few events at a time
_PLAIN: Final = frozenset({b"", b"binary", b"8bit", b"7bit"})


class NotAForm(Exception):
    """Bytes that are not the multipart form a browser sends."""


@dataclass(frozen=True, slots=True)
class PartBegins:
    """`file_name` is None for a text field, empty for a file field left empty; else as the source's system has it."""

    name: str
    file_name: str | None


@dataclass(frozen=True, slots=True)
class PartBytes:
    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnds:
    pass


Event = PartBegins | PartBytes | PartEnds


def boundary_of(content_type: str | None) -> bytes:
    """The boundary of a multipart/form-data body. Errors: NotAForm."""
    try:
        kind, options = parse_options_header(content_type)
    except (FormParserError, ValueError):
        raise NotAForm("content type") from None
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
        raise NotAForm("content type")
    return boundary


class MultipartReader:
    """Push bytes, take events. Errors: NotAForm, after which it is not to be used again."""

    def __init__(self, boundary: bytes) -> None:
        self.is_complete = False
        self._events: list[Event] = []
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_name,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
            max_header_count=_MOST_HEADERS,
            max_header_size=_MOST_HEADER_BYTES,
        )

    def feed(self, data: bytes) -> list[Event]:
        """What these bytes, at most 64 KiB of them, complete. `slices` cuts longer chunks."""
        try:
            self._parser.write(data)
        except (FormParserError, UnicodeError):
            raise NotAForm("body") from None
        events, self._events = self._events, []
        return events

    def _on_part_begin(self) -> None:
        self._headers = {}

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value).strip(b" \t")
        self._name.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name")
        encoding = self._headers.get(b"content-transfer-encoding", b"").lower()
        if disposition != b"form-data" or name is None or encoding not in _PLAIN:
            raise NotAForm("part")
        file_name = options.get(b"filename")
        decoded = None if file_name is None else unescape(file_name.decode("utf-8", "replace"))
        self._events.append(PartBegins(name.decode("utf-8", "replace"), decoded))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartBytes(data[start:end]))

    def _on_part_end(self) -> None:
        self._events.append(PartEnds())

    def _on_end(self) -> None:
        self.is_complete = True


def slices(chunk: bytes) -> list[bytes]:
    """The chunk in pieces `feed` takes."""
    return [chunk[start : start + _SLICE_BYTES] for start in range(0, len(chunk), _SLICE_BYTES)]


def unescape(file_name: str) -> str:
    """Undo what browsers do to quotes and line ends in a name, and nothing else."""
    for escaped, plain in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        file_name = file_name.replace(escaped, plain)
    return file_name
