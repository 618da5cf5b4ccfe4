"""Form tokens."""

import pytest
from source_api.tokens import FormTokens

from tests.unit.source_api.fakes import Clock

KEY = b"k" * 32
DAY = 24 * 3600


def test_a_token_is_good_in_its_session_for_a_day() -> None:
    clock = Clock()
    tokens = FormTokens(KEY, clock)
    token = tokens.issue("session")

    clock.now += DAY
    assert tokens.form_of(token, "session") is not None
    clock.now += 2
    assert tokens.form_of(token, "session") is None


def test_a_token_of_another_session_or_key_is_not_good() -> None:
    token = FormTokens(KEY).issue("session")

    assert FormTokens(KEY).form_of(token, "another") is None
    assert FormTokens(b"x" * 32).form_of(token, "session") is None


def test_every_form_has_an_id_of_its_own_which_the_token_keeps() -> None:
    tokens = FormTokens(KEY)
    first, second = tokens.issue("session"), tokens.issue("session")

    assert tokens.form_of(first, "session") == tokens.form_of(first, "session")
    assert tokens.form_of(first, "session") != tokens.form_of(second, "session")


def test_a_token_with_one_letter_changed_is_not_good() -> None:
    tokens = FormTokens(KEY)
    token = tokens.issue("session")

    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token) - 1)]

    assert [text for text in changed if tokens.form_of(text, "session")] == []


def test_a_token_has_one_spelling() -> None:
    tokens = FormTokens(KEY)
    token = tokens.issue("session")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = token.rstrip("=")

    spellings = [last[:-1] + letter + token[len(last) :] for letter in letters]

    assert [text for text in spellings if tokens.form_of(text, "session")] == [token]


@pytest.mark.parametrize("text", ["", "x", "é" * 76, "A" * 76, "A" * 75 + "!", "A" * 10_000])
def test_nonsense_is_not_a_token(text: str) -> None:
    assert FormTokens(KEY).form_of(text, "session") is None
