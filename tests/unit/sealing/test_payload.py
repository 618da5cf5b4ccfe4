"""Payloads: STREAM at the chunk boundaries, and a checker that accepts exactly what the opener accepts."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing.errors import PayloadFailure
from sealing.payload import (
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    PayloadChecker,
    PayloadOpener,
    PayloadSealer,
    sealed_payload_length,
)
from sealing.secrets import FileKey

FILE_KEY = FileKey(bytes(range(16)))
NONCE = bytes(range(16))
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5)


def content(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def seal(plaintext: bytes, piece_bytes: int = 1 << 20) -> bytes:
    sealer = PayloadSealer(FILE_KEY, NONCE)
    pieces = [plaintext[start : start + piece_bytes] for start in range(0, len(plaintext), piece_bytes)]
    return sealer.start() + b"".join(sealer.update(piece) for piece in pieces) + sealer.final()


def opened(payload: bytes, piece_bytes: int = 1 << 20) -> bytes | None:
    """The whole plaintext, or None."""
    opener = PayloadOpener(FILE_KEY)
    try:
        pieces = range(0, len(payload), piece_bytes)
        return b"".join(opener.update(payload[at : at + piece_bytes]) for at in pieces) + opener.final()
    except PayloadFailure:
        return None


def is_accepted(payload: bytes, piece_bytes: int = 1 << 20) -> bool:
    """What the checker says."""
    checker = PayloadChecker(FILE_KEY)
    try:
        for at in range(0, len(payload), piece_bytes):
            checker.update(payload[at : at + piece_bytes])
        checker.final()
    except PayloadFailure:
        return False
    return True


def chunks_of(payload: bytes) -> list[bytes]:
    return [payload[at : at + SEALED_CHUNK_BYTES] for at in range(NONCE_BYTES, len(payload), SEALED_CHUNK_BYTES)]


def damaged(payload: bytes) -> Iterator[bytes]:
    """A three-chunk payload cut, moved, repeated, dropped and extended."""
    first, second, last = chunks_of(payload)
    yield NONCE + second + first + last
    yield NONCE + first + last + second
    yield NONCE + last + second + first
    yield NONCE + first + first + second + last
    yield NONCE + first + last
    yield NONCE + second + last
    yield NONCE + first + second
    yield NONCE + first
    yield NONCE + last
    yield NONCE + first + second + last[:TAG_BYTES]
    yield NONCE + first + second + bytes(TAG_BYTES)
    yield NONCE
    yield b""
    yield payload[:10]
    yield payload + b"\0"
    yield payload + last
    yield payload + bytes(SEALED_CHUNK_BYTES)
    yield bytes(16) + first + second + last


@pytest.mark.parametrize("piece_bytes", [1 << 20, CHUNK_BYTES, 1000])
@pytest.mark.parametrize("size", SIZES)
def test_payload_opens_and_is_accepted_however_it_is_cut_up(size: int, piece_bytes: int) -> None:
    plaintext = content(size)

    payload = seal(plaintext, piece_bytes)

    assert payload == seal(plaintext)
    assert len(payload) == sealed_payload_length(size)
    assert opened(payload, piece_bytes) == plaintext
    assert is_accepted(payload, piece_bytes)


def test_every_flipped_bit_of_a_small_payload_is_noticed_by_opener_and_checker() -> None:
    payload = seal(content(40))

    for place in range(len(payload) * 8):
        altered = bytearray(payload)
        altered[place // 8] ^= 1 << place % 8
        assert opened(bytes(altered)) is None
        assert not is_accepted(bytes(altered))


def test_flipped_bytes_of_a_long_payload_are_noticed_by_opener_and_checker() -> None:
    payload = bytearray(seal(content(2 * CHUNK_BYTES + 100)))
    edges = {0, 15, 16, 16 + SEALED_CHUNK_BYTES - 1, 16 + SEALED_CHUNK_BYTES, len(payload) - 1}

    for place in sorted(edges | set(range(0, len(payload), 521))):
        payload[place] ^= 0x80
        assert opened(bytes(payload)) is None
        assert not is_accepted(bytes(payload))
        payload[place] ^= 0x80


@pytest.mark.parametrize("number", range(18))
@pytest.mark.parametrize("size", [2 * CHUNK_BYTES + 100, 3 * CHUNK_BYTES], ids=["short last", "full last"])
def test_damaged_payload_is_refused_by_opener_and_checker(size: int, number: int) -> None:
    altered = list(damaged(seal(content(size))))[number]

    for piece_bytes in (1 << 20, SEALED_CHUNK_BYTES, 1000):
        assert opened(altered, piece_bytes) is None
        assert not is_accepted(altered, piece_bytes)


@pytest.mark.parametrize("size", [100, CHUNK_BYTES, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 100])
def test_truncated_payload_is_refused_by_opener_and_checker(size: int) -> None:
    payload = seal(content(size))
    near_edges = {at + step for at in range(16, len(payload), SEALED_CHUNK_BYTES) for step in range(-17, 18)}

    for length in sorted(length for length in near_edges | set(range(0, len(payload), 4093)) if length >= 0):
        if length < len(payload):
            assert opened(payload[:length]) is None
            assert not is_accepted(payload[:length])


def test_empty_last_chunk_after_others_is_refused() -> None:
    """Sealed honestly with the key, yet a second spelling of the same plaintext: age forbids it."""
    one, two = seal(content(CHUNK_BYTES)), PayloadSealer(FILE_KEY, NONCE)
    two.update(content(CHUNK_BYTES))
    not_last = two.update(b"x")
    two._held_bytes = 0
    altered = NONCE + not_last + two.final()

    assert opened(one) is not None
    assert opened(altered) is None
    assert not is_accepted(altered)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3 * CHUNK_BYTES), st.integers(1, 1 << 18), st.integers(0, 1 << 32), st.booleans())
def test_checker_and_opener_agree(size: int, piece_bytes: int, place: int, is_cut: bool) -> None:
    payload = bytearray(seal(bytes(size)))
    at = place % len(payload)
    if is_cut:
        del payload[at:]
    else:
        payload[at] ^= 1 + place % 255

    assert opened(bytes(payload), piece_bytes) is None
    assert not is_accepted(bytes(payload), piece_bytes)


def test_good_chunks_are_released_before_a_bad_one_and_never_after() -> None:
    payload = bytearray(seal(content(3 * CHUNK_BYTES)))
    payload[NONCE_BYTES + SEALED_CHUNK_BYTES + 5] ^= 1
    opener = PayloadOpener(FILE_KEY)

    released = opener.update(bytes(payload))

    assert released == content(3 * CHUNK_BYTES)[:CHUNK_BYTES]
    for _ in range(2):
        with pytest.raises(PayloadFailure):
            opener.update(b"")
        with pytest.raises(PayloadFailure):
            opener.final()


def test_another_file_key_opens_nothing() -> None:
    opener, checker = PayloadOpener(FileKey(bytes(16))), PayloadChecker(FileKey(bytes(16)))
    payload = seal(content(10))

    opener.update(payload)
    checker.update(payload)

    with pytest.raises(PayloadFailure):
        opener.final()
    with pytest.raises(PayloadFailure):
        checker.final()


def test_nonces_are_drawn_afresh_and_have_16_bytes() -> None:
    assert PayloadSealer(FILE_KEY).start() != PayloadSealer(FILE_KEY).start()
    with pytest.raises(ValueError, match="16 bytes"):
        PayloadSealer(FILE_KEY, bytes(12))


def test_checker_holds_no_plaintext_and_no_more_than_a_chunk() -> None:
    piece = bytes(256 * 1024)
    sealer, checker, opener = PayloadSealer(FILE_KEY), PayloadChecker(FILE_KEY), PayloadOpener(FILE_KEY)
    checker.update(sealer.start())
    opener.update(sealer._nonce)

    tracemalloc.start()
    for _ in range(64):
        sealed = sealer.update(piece)
        checker.update(sealed)
        opener.update(sealed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 2 * 1024 * 1024
