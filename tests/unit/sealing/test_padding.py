"""Padding: few lengths, little waste, the same class for every length within it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.padding import is_size_class, padme, size_class

LENGTHS = st.integers(0, 1 << 45)
KIB = 1024


@given(LENGTHS)
def test_padme_never_cuts_and_adds_at_most_12_percent(length: int) -> None:
    padded = padme(length)
    assert length <= padded <= length * 1.12 + 1


@given(LENGTHS)
def test_padme_of_padme_is_itself(length: int) -> None:
    assert padme(padme(length)) == padme(length)


@given(LENGTHS, LENGTHS)
def test_padme_keeps_order(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert padme(shorter) <= padme(longer)


@given(st.integers(2, 1 << 45))
def test_padme_keeps_few_bits(length: int) -> None:
    """Only as many leading bits as the exponent's own length, plus one, may be set."""
    padded = padme(length)
    exponent = padded.bit_length() - 1
    assert padded % (1 << max(0, exponent - exponent.bit_length())) == 0


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 0), (1, 1), (9, 10), (1000, 1024), (70_000, 71_680), (2**40, 2**40)]
)
def test_padme_examples(length: int, padded: int) -> None:
    assert padme(length) == padded


def test_negative_length_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        padme(-1)


def test_there_are_few_classes_up_to_a_gigabyte() -> None:
    count, total = 0, 64 * KIB
    while total < 1 << 30:
        total = size_class("file", total + 1)
        count += 1
    assert count < 450


@pytest.mark.parametrize("kind", ["message", "reply"])
def test_short_messages_and_replies_all_look_alike(kind: str) -> None:
    assert {size_class(kind, length) for length in (1, 500, 16 * KIB)} == {16 * KIB}
    assert size_class(kind, 16 * KIB + 1) == 64 * KIB
    assert size_class(kind, 70_000) == padme(70_000)


def test_files_start_at_64_kib() -> None:
    assert {size_class("file", length) for length in (0, 1, 16 * KIB, 64 * KIB)} == {64 * KIB}
    assert size_class("file", 64 * KIB + 1) == padme(64 * KIB + 1)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="message, a file or a reply"):
        size_class("picture", 1)


@given(st.sampled_from(["message", "file", "reply"]), LENGTHS)
def test_size_classes_know_themselves(kind: str, length: int) -> None:
    total = size_class(kind, length)

    assert total >= length
    assert is_size_class(kind, total)
    assert not is_size_class(kind, total - 1) or size_class(kind, total - 1) == total - 1
    assert not is_size_class(kind, 0)
