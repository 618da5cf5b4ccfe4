"""Bech32: BIP 173's own examples, round trips, and every letter changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing import bech32


@given(st.binary(max_size=64), st.sampled_from(["age", "age1pq", "age-secret-key-pq-"]))
def test_what_is_encoded_decodes_in_either_case(raw: bytes, prefix: str) -> None:
    text = bech32.encode(prefix, raw)
    assert bech32.decode(text) == (prefix, raw)
    assert bech32.decode(text.upper()) == (prefix, raw)


def test_every_changed_letter_is_noticed() -> None:
    text = bech32.encode("age", bytes(range(32)))
    for place in range(len(text)):
        letter = "q" if text[place] != "q" else "p"
        with pytest.raises(ValueError, match="bech32"):
            bech32.decode(text[:place] + letter + text[place + 1 :])


@pytest.mark.parametrize("text", ["A12UEL5L", "a12uel5l"])
def test_bip_173_valid_example_without_data_decodes(text: str) -> None:
    assert bech32.decode(text) == ("a", b"")


@pytest.mark.parametrize(
    "text",
    ["", "1", "pzry9x0s0muk", "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "A1G7SGD8", "10a06t8", "a12UEL5L", "ü12uel5l"],
)
def test_bip_173_invalid_examples_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bech32"):
        bech32.decode(text)


def test_endless_text_is_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        bech32.decode("age1" + "q" * 10_000)
