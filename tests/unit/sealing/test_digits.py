"""Digits in groups of five, as people read receipts."""

import re

import pytest
from sealing.digits import digit_groups


def test_forty_digits_come_in_eight_groups() -> None:
    assert re.fullmatch(r"\d{5}( \d{5}){7}", digit_groups(bytes(range(32))))


def test_digits_are_the_digest_as_a_number_modulo_a_power_of_ten() -> None:
    assert digit_groups((12345).to_bytes(32, "big")) == "00000 " * 7 + "12345"
    assert digit_groups((10**40 + 7).to_bytes(32, "big"), 10) == "00000 00007"


def test_one_bit_changes_the_digits() -> None:
    assert digit_groups(bytes(32)) != digit_groups(bytes(31) + b"\1")


@pytest.mark.parametrize(("length", "digits"), [(31, 40), (33, 40), (32, 0), (32, 41), (32, 80)])
def test_other_lengths_are_refused(length: int, digits: int) -> None:
    with pytest.raises(ValueError, match=r"digest|digits"):
        digit_groups(bytes(length), digits)
