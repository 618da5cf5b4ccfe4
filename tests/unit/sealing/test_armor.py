"""Armor: one text for one file, in pieces of any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.age import open_bytes, seal_bytes
from sealing.armor import BEGIN, END, Dearmor, armor, dearmor, looks_armored
from sealing.errors import ArmorFailure, CannotOpen
from sealing.identities import HybridIdentity


@given(st.binary(max_size=300), st.integers(1, 80))
def test_armor_reads_back_in_pieces_of_any_size(sealed: bytes, piece_bytes: int) -> None:
    text = armor(sealed)
    reader = Dearmor()

    pieces = [reader.update(text[start : start + piece_bytes]) for start in range(0, len(text), piece_bytes)]

    assert b"".join([*pieces, reader.final()]) == sealed
    assert dearmor(text) == sealed
    assert max(len(line) for line in text.split(b"\n")) <= 64
    assert looks_armored(text)


def test_every_flipped_byte_of_an_armored_file_is_noticed() -> None:
    identity = HybridIdentity.generate()
    text = armor(seal_bytes(b"text", [identity.recipient]))

    for place in range(len(text)):
        altered = bytearray(text)
        altered[place] ^= 1
        with pytest.raises(CannotOpen):
            open_bytes(bytes(altered), [identity])


@pytest.mark.parametrize(
    "text",
    [
        b"",
        BEGIN,
        BEGIN + b"\n" + END + b"x",
        BEGIN + b"\nAAAA\nAAAA\n" + END,
        BEGIN + b"\nAAA\n" + END,
        BEGIN + b"\n\n" + END,
        b"\n" * 1025 + BEGIN + b"\n" + END,
        BEGIN + b"\n" + END + b"\n" * 1026,
        BEGIN + b"\n" + b"A" * 2000,
        b" " * 2000,
    ],
)
def test_malformed_armor_is_refused(text: bytes) -> None:
    with pytest.raises(ArmorFailure):
        dearmor(text)


def test_binary_file_does_not_look_armored() -> None:
    assert not looks_armored(b"age-encryption.org/v1\n")
    assert not looks_armored(b"")
