"""Nothing in a stranger's text can act on the terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from svs.terminal import MARK, quoted, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ünïcode 表 😀", "plain text, ünïcode 表 😀"),
        ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("back\bspace\r", "back\\x08space\\x0d"),
        ("\u202eevil", "\\u202eevil"),
        ("\u2028line", "\\u2028line"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("lone \ud800", "lone \\ud800"),
    ],
)
def test_what_a_terminal_could_act_on_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_no_control_or_format_character_ever_passes(text: str) -> None:
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in visible(text))


def test_every_line_stands_behind_the_mark() -> None:
    lines = quoted("one\r\ntwo\n\n  receipt    verified\tx").split("\n")

    assert lines == [MARK + "one", MARK + "two", MARK, MARK + "  receipt    verified    x"]


def test_stacked_marks_cannot_run_over_other_lines() -> None:
    shown = visible("a" + "\u0301" * 1000)

    assert shown.count("\u0301") == 8
    assert shown.count("\\u0301") == 992
