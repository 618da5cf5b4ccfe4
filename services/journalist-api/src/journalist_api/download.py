"""A stored item as one file: header, then the vault's chunks, any part of it.

Theory: the worker cuts payloads into chunks of exactly FRAME_BYTES (only the last may be shorter), so the place of a
byte is arithmetic and a part of a file costs only the chunks it touches. A chunk that is missing or has another
length cuts the answer short; the client sees it by Content-Length, and by the hash it compares.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from contract.limits import FRAME_BYTES

from journalist_api.ranges import Span

BATCH_CHUNKS: Final = 4  #: chunks fetched at once (1 MiB): memory of one download

Chunk = tuple[int, bytes]
ReadChunks = Callable[[int, int], Awaitable[Sequence[Chunk]]]  #: first and last number, both included


class BrokenItem(Exception):
    """The vault does not hold what the item's row says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes [start, stop) of chunk `number`."""

    number: int
    start: int
    stop: int


def header_part(header: bytes, span: Span) -> bytes:
    """The bytes of `span` that lie in the header, maybe none."""
    return header[span.start : span.stop]


def payload_pieces(header_bytes: int, span: Span) -> Iterator[Piece]:
    """The bytes of `span` that lie behind the header, as pieces of chunks in order.

    One at a time: the size comes from the database, which may say any number.
    """
    start = max(0, span.start - header_bytes)
    stop = span.stop - header_bytes
    if stop <= start:
        return
    for number in range(start // FRAME_BYTES, (stop - 1) // FRAME_BYTES + 1):
        yield Piece(
            number,
            max(start - number * FRAME_BYTES, 0),
            min(stop - number * FRAME_BYTES, FRAME_BYTES),
        )


async def stream(header: bytes, span: Span, read_chunks: ReadChunks) -> AsyncIterator[bytes]:
    """The bytes of `span`. Errors: BrokenItem, and what `read_chunks` raises."""
    head = header_part(header, span)
    if head:
        yield head
    pieces = payload_pieces(len(header), span)
    chunk_sizes = _ChunkSizes(span.size - len(header))
    while batch := list(islice(pieces, BATCH_CHUNKS)):
        chunks = await read_chunks(batch[0].number, batch[-1].number)
        if [number for number, _ in chunks] != [piece.number for piece in batch]:
            raise BrokenItem("chunks are missing")
        for piece, (number, sealed) in zip(batch, chunks, strict=True):
            if len(sealed) != chunk_sizes.of(number):
                raise BrokenItem("a chunk has another length")
            yield sealed[piece.start : piece.stop]


@dataclass(frozen=True, slots=True)
class _ChunkSizes:
    payload_bytes: int

    def of(self, number: int) -> int:
        return min(FRAME_BYTES, self.payload_bytes - number * FRAME_BYTES)
