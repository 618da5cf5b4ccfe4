"""Hostile file names become harmless ones, and honest ones stay as they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from svs.names import MOST_NAME_BYTES, numbered, safe_name

FALLBACK = "file-3.bin"


@pytest.mark.parametrize(
    "name",
    ["report.pdf", "Bericht über Müll (2).docx", "архив.tar.gz", "表.xlsx", "no extension", "a.b.c", "résumé.odt", "x"],
)
def test_an_honest_name_stays(name: str) -> None:
    assert safe_name(name, FALLBACK) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("..\\..\\evil.exe", "_.._evil.exe"),
        ("C:\\Windows\\x.dll", "C__Windows_x.dll"),
        ("file:stream.txt", "file_stream.txt"),
        (".bashrc", "bashrc"),
        ("...hidden", "hidden"),
        ("-rf.txt", "_-rf.txt"),
        ("~root.txt", "_~root.txt"),
        ("trailing. . .", "trailing"),
        ("  spaces   inside .txt ", "spaces inside.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066a\u2069\u200f.txt", "a.txt"),
        ("zero\u200bwidth\ufeff.txt", "zerowidth.txt"),
        ("\x1b]0;owned\x07.txt", "]0;owned.txt"),
        ("line\nbreak\r\n.txt", "line break.txt"),
        ("nul\x00byte.txt", "nulbyte.txt"),
        ("lone\ud800surrogate.txt", "lonesurrogate.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("LPT9", "_LPT9"),
        ("console.log", "console.log"),
        ('a"b*c?d<e>f|g.txt', "a_b_c_d_e_f_g.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_hostile_name_becomes_harmless(name: str, safe: str) -> None:
    assert safe_name(name, FALLBACK) == safe


@pytest.mark.parametrize(
    "name", [None, "", " ", ".", "..", "...", "/", "\\", "///", "\x00", "\u202e", "\n", "__", ". ."]
)
def test_a_name_of_nothing_becomes_the_fallback(name: str | None) -> None:
    assert safe_name(name, FALLBACK) == FALLBACK


@pytest.mark.parametrize("letter", ["a", "ü", "表", "😀"])
def test_a_long_name_is_cut_by_bytes_and_keeps_its_extension(letter: str) -> None:
    name = safe_name(letter * 1000 + ".pdf", FALLBACK)

    assert MOST_NAME_BYTES - 4 < len(name.encode()) <= MOST_NAME_BYTES
    assert name == letter * (len(name) - 4) + ".pdf"


def test_an_endless_extension_is_cut_too() -> None:
    assert len(safe_name("a." + "b" * 1000, FALLBACK).encode()) <= MOST_NAME_BYTES


@given(st.text(st.characters(), max_size=400))
def test_whatever_comes_in_one_component_comes_out(name: str) -> None:
    safe = safe_name(name, FALLBACK)

    assert 0 < len(safe.encode()) <= MOST_NAME_BYTES
    assert not set(safe) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for letter in safe)
    assert safe[0] not in ".-~ "
    assert safe[-1] not in ". "
    assert safe_name(safe, FALLBACK) == safe


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("a.pdf", "a (2).pdf"),
        ("a", "a (2)"),
        ("a.b.tar", "a.b (2).tar"),
        ("no. extension", "no. extension (2)"),
    ],
)
def test_a_number_stands_before_the_extension(name: str, second: str) -> None:
    assert numbered(name, 2) == second
