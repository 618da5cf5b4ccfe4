"""Where a passphrase comes from, with a person (or nobody) at the keyboard."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from svs import passphrase
from svs.errors import CannotUse


def types(*answers: str) -> Callable[[str], str]:
    """A person who gives these answers in order."""
    waiting = iter(answers)
    return lambda _: next(waiting)


def nobody(_: str) -> str:
    raise EOFError


def test_a_drawn_passphrase_has_eight_words_and_is_never_the_same() -> None:
    drawn = {passphrase.drawn() for _ in range(20)}

    assert len(drawn) == 20
    assert {len(text.split()) for text in drawn} == {8}
    assert all(word.isalpha() for text in drawn for word in text.split())


def test_a_new_passphrase_is_shown_and_typed_back() -> None:
    shown: list[str] = []

    made = passphrase.new_drawn(lambda _: "  ".join(shown[-1].split()) + "\n", shown.append)

    assert made == shown[-1].strip()


def test_a_new_passphrase_that_is_not_typed_back_makes_nothing() -> None:
    with pytest.raises(CannotUse, match="Nothing was made"):
        passphrase.new_drawn(types("something else"), lambda _: None)


@pytest.mark.parametrize("ask", [types("too short", "too short"), types("long enough a passphrase", "another"), nobody])
def test_an_own_passphrase_is_long_and_typed_twice(ask: Callable[[str], str]) -> None:
    with pytest.raises(CannotUse):
        passphrase.new_own(ask)


def test_an_own_passphrase_typed_twice_is_taken() -> None:
    assert passphrase.new_own(types(*["long enough a passphrase"] * 2)) == "long enough a passphrase"


def test_nobody_to_ask_is_said_plainly() -> None:
    with pytest.raises(CannotUse, match="--passphrase-file"):
        passphrase.typed(nobody)


def test_an_empty_answer_is_refused() -> None:
    with pytest.raises(CannotUse):
        passphrase.typed(types(""))


@pytest.mark.parametrize("content", ["some words\n", "some words", "some words\r\nsecond line\n"])
def test_a_file_gives_its_first_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "passphrase"
    path.write_text(content, newline="")
    path.chmod(0o600)

    assert passphrase.from_file(path) == "some words"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "passphrase"
    path.write_text("some words\n")
    path.chmod(mode)

    with pytest.raises(CannotUse, match="chmod 600"):
        passphrase.from_file(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe\n", b"x" * 2000])
def test_a_file_without_a_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "passphrase"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(CannotUse):
        passphrase.from_file(path)


def test_a_missing_file_and_a_closed_descriptor_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotUse):
        passphrase.from_file(tmp_path / "missing")
    with pytest.raises(CannotUse):
        passphrase.from_descriptor(987)


def test_a_pipe_gives_its_first_line() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"some words\n")
    os.close(writing)

    assert passphrase.from_descriptor(reading) == "some words"
