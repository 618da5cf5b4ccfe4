"""Foreign text in a terminal: shown, never obeyed. Pure.

Theory: a message or a name may hold escape sequences that move the cursor, change colours, retitle the window or answer
in the person's name, and bidirectional controls that turn the reading order around. Each such character is written out
as its number. Every line of foreign text stands behind a mark, so that it cannot pass for a line of this tool.
"""

import unicodedata
from collections.abc import Iterator
from typing import Final

MARK: Final = "  | "
#: Cc control, Cf format (bidi overrides, zero width), Cs surrogates, Co private, Cn unassigned, Zl/Zp line separators.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: As many combining marks as any script stacks; more would run over the lines above and below.
_MOST_COMBINING: Final = 8


def visible(text: str) -> str:
    """One line: whatever a terminal could act on is written as `\\x1b` or `\\u202e`."""
    return "".join(_shown(text))


def quoted(text: str) -> str:
    """All lines of a text, each made visible and behind the mark. Tabs become spaces."""
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return "\n".join(MARK + visible(line) for line in lines)


def _shown(text: str) -> Iterator[str]:
    combining = 0
    for character in text:
        category = unicodedata.category(character)
        combining = combining + 1 if category.startswith("M") else 0
        if category in _HIDDEN or combining > _MOST_COMBINING:
            yield _written_out(character)
        else:
            yield character


def _written_out(character: str) -> str:
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
