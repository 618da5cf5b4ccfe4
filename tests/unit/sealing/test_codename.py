"""Codenames: strong enough, forgiving in how they are typed, and keys that need codename, salt and pepper."""

import nacl.pwhash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.codename import derive, generate, kdf_salt, normalise, unknown_word, words_needed
from sealing.errors import BadCodename

LIST = (*(f"word{number}" for number in range(7774)), "yo-yo", "straße")
SALT, PEPPER = kdf_salt("deployment"), b"p" * 32


@pytest.mark.parametrize(("length", "count"), [(7776, 8), (2048, 10), (1024, 10), (65536, 7)])
def test_words_needed_gives_at_least_100_bits(length: int, count: int) -> None:
    assert words_needed(length) == count
    assert length**count >= 2**100 > length ** (count - 1)


def test_generated_codename_is_known_and_never_the_same() -> None:
    first, second = generate(LIST, 8), generate(LIST, 8)

    assert first != second
    assert len(first.split(" ")) == 8
    assert unknown_word(first, LIST) is None


@pytest.mark.parametrize(("words", "count"), [(LIST, 7), (LIST[:1023], 20), ((*LIST[:7000], LIST[0]), 8)])
def test_weak_codename_is_not_drawn(words: tuple[str, ...], count: int) -> None:
    with pytest.raises(BadCodename):
        generate(words, count)


@pytest.mark.parametrize(
    "typed",
    [
        "Word1 WORD2 yo-yo strasse",
        " word1\tword2\n yo yo  STRAßE ",
        "ｗｏｒｄ1-word2–yo—yo‑straße",
        "word1\u3000word2 yo - yo strasse",
    ],
)
def test_spelling_of_a_codename_is_forgiven(typed: str) -> None:
    assert normalise(typed) == "word1 word2 yo yo strasse"
    assert unknown_word(typed, LIST) is None


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_first_word_that_is_not_in_the_list_is_named_by_its_number() -> None:
    assert unknown_word("word1 wrod2 xyz", LIST) == 2
    assert unknown_word("", LIST) is None


def test_endless_codename_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(BadCodename):
        normalise("a" * 513)
    with pytest.raises(BadCodename):
        derive(" - ", SALT, PEPPER)


def test_same_codename_gives_the_same_keys_however_typed() -> None:
    first, second = derive("word1 word2", SALT, PEPPER), derive("Word1-WORD2 ", SALT, PEPPER)

    assert first.lookup_id == second.lookup_id
    assert first.identity.recipient == second.identity.recipient


def test_keys_change_with_codename_salt_and_pepper() -> None:
    made = [
        derive("word1 word2", SALT, PEPPER),
        derive("word1 word3", SALT, PEPPER),
        derive("word1 word2", kdf_salt("other"), PEPPER),
        derive("word1 word2", SALT, b"q" * 32),
    ]

    assert len({keys.lookup_id for keys in made}) == 4
    assert len({keys.identity.recipient for keys in made}) == 4


def test_lookup_id_is_argon2id_then_keyed_blake2b() -> None:
    """Computed with hashlib's BLAKE2b: a second implementation."""
    from hashlib import blake2b

    master = nacl.pwhash.argon2id.kdf(64, b"word1", SALT, opslimit=3, memlimit=64 * 1024 * 1024)
    person = b"sealdrop/lookup".ljust(16, b"\0")

    expected = blake2b(master[:32], digest_size=32, key=PEPPER, person=person).digest()

    assert derive("word1", SALT, PEPPER).lookup_id == expected
    assert kdf_salt("x") == blake2b(b"sealdrop/source-kdf/v1x", digest_size=16).digest()


@pytest.mark.parametrize(("salt", "pepper"), [(bytes(15), PEPPER), (SALT, bytes(31))])
def test_salt_and_pepper_of_other_lengths_are_refused(salt: bytes, pepper: bytes) -> None:
    with pytest.raises(ValueError, match="salt"):
        derive("word1", salt, pepper)
