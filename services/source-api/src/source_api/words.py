"""The word list codenames are drawn from: the EFF's long list, as the package `diceware` carries it."""

from importlib import resources
from typing import Final

_FILE: Final = "wordlist_en_eff.txt"
_LIST_LENGTH: Final = 7776  #: the EFF's; another number means another list
#: Four words of the list hold a hyphen; read back they would count as two words, so they are never drawn.
_HYPHENATED: Final = frozenset({"drop-down", "felt-tip", "t-shirt", "yo-yo"})


def load_words() -> tuple[str, ...]:
    """7,772 words; eight of them carry 103 random bits. Errors: ValueError if the package changed its list."""
    text = resources.files("diceware").joinpath("wordlists", _FILE).read_text("ascii")
    words = tuple(line.split()[1] for line in text.splitlines() if line.strip())
    if len(set(words)) != _LIST_LENGTH:
        raise ValueError("not the word list we know")
    return tuple(word for word in words if word not in _HYPHENATED)
