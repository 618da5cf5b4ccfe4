"""A file from its header and chunks."""

import secrets
from collections.abc import Sequence

import pytest
from contract.limits import FRAME_BYTES
from hypothesis import given, settings
from hypothesis import strategies as st
from journalist_api.download import BATCH_CHUNKS, BrokenItem, Chunk, stream
from journalist_api.ranges import Span

HEADER = secrets.token_bytes(1300)
PAYLOAD = secrets.token_bytes(6 * FRAME_BYTES + 17)
FILE = HEADER + PAYLOAD


class Vault:
    """Answers for chunks, and counts how many were asked for."""

    def __init__(self, payload: bytes = PAYLOAD) -> None:
        self.payload = payload
        self.most_at_once = 0
        self.read = 0

    async def chunks(self, first: int, last: int) -> Sequence[Chunk]:
        found = [(n, self.payload[n * FRAME_BYTES : (n + 1) * FRAME_BYTES]) for n in range(first, last + 1)]
        self.most_at_once = max(self.most_at_once, len(found))
        self.read += len(found)
        return [(number, sealed) for number, sealed in found if sealed]


async def read(start: int, stop: int, vault: Vault) -> bytes:
    return b"".join([part async for part in stream(HEADER, Span(start, stop, len(FILE)), vault.chunks)])


EDGES = sorted({0, 1, 1299, 1300, 1301, 1300 + FRAME_BYTES, 1300 + 2 * FRAME_BYTES - 1, len(FILE) - 1, len(FILE)})


@pytest.mark.parametrize("stop", EDGES[1:])
@pytest.mark.parametrize("start", EDGES[:-1])
async def test_any_part_between_edges_is_byte_identical(start: int, stop: int) -> None:
    if start < stop:
        assert await read(start, stop, Vault()) == FILE[start:stop]


@given(data=st.data())
@settings(deadline=None, max_examples=50)
async def test_any_part_is_byte_identical(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FILE) - 1))
    stop = data.draw(st.integers(start + 1, len(FILE)))

    assert await read(start, stop, Vault()) == FILE[start:stop]


async def test_a_small_part_costs_one_chunk_and_a_whole_file_never_more_than_a_batch_at_once() -> None:
    vault = Vault()
    await read(1300 + 3 * FRAME_BYTES + 5, 1300 + 3 * FRAME_BYTES + 6, vault)
    assert vault.read == 1

    await read(0, len(FILE), vault)
    assert vault.most_at_once == BATCH_CHUNKS


async def test_a_part_inside_the_header_reads_no_chunk() -> None:
    vault = Vault()

    assert await read(5, 1300, vault) == FILE[5:1300]
    assert vault.read == 0


@pytest.mark.parametrize("cut", [1, 17, FRAME_BYTES])
async def test_a_vault_that_lost_bytes_ends_the_answer(cut: int) -> None:
    with pytest.raises(BrokenItem):
        await read(0, len(FILE), Vault(PAYLOAD[:-cut]))


async def test_a_size_the_database_made_up_costs_no_memory() -> None:
    """A list of all pieces of 2^60 bytes would have filled the machine."""
    size, vault = 1 << 60, Vault()
    got = 0

    with pytest.raises(BrokenItem):
        async for part in stream(HEADER, Span(0, size, size), vault.chunks):
            got += len(part)

    assert got <= len(FILE)
    assert vault.most_at_once <= BATCH_CHUNKS
