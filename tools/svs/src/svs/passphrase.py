"""Where the station's passphrase comes from: drawn for a new station, typed, or (for machines) from a file."""

import os
import secrets
import stat
from collections.abc import Callable
from getpass import getpass
from importlib.resources import files
from pathlib import Path
from typing import Final

from svs.errors import CannotUse

WORDS: Final = 8  #: of some 7,772: 103 bits
#: The EFF's long list, as the package `diceware` carries it; also what codenames are drawn from.
_LIST: Final = ("wordlists", "wordlist_en_eff.txt")
_LIST_LENGTH: Final = 7776
_FEWEST_CHARACTERS: Final = 20
_MOST_BYTES: Final = 1024

Ask = Callable[[str], str]
Show = Callable[[str], None]


def drawn() -> str:
    """A fresh passphrase of eight words. Errors: ValueError if the package changed its list."""
    text = files("diceware").joinpath(*_LIST).read_text("ascii")
    words = tuple(line.split()[1] for line in text.splitlines() if line.strip())
    if len(set(words)) != _LIST_LENGTH:
        raise ValueError("not the word list we know")
    plain = [word for word in words if word.isalpha()]  # a hyphen on paper may be taken for a line break
    return " ".join(secrets.choice(plain) for _ in range(WORDS))


def from_file(path: Path) -> str:
    """The first line of a file that only its owner may read. Errors: CannotUse."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise CannotUse(f"The passphrase file cannot be read: {error.strerror}.") from error
    if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
        os.close(descriptor)
        raise CannotUse("The passphrase file may be read by others. Allow only yourself: chmod 600.")
    return from_descriptor(descriptor)


def from_descriptor(descriptor: int) -> str:
    """The first line of an open file or pipe, which is closed afterwards. Errors: CannotUse."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            line = file.readline(_MOST_BYTES + 1)
        text = line.decode().rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise CannotUse("The passphrase cannot be read from there.") from error
    if not text or len(line) > _MOST_BYTES:
        raise CannotUse("There is no passphrase there, or it is far too long.")
    return text


def typed(ask: Ask = getpass) -> str:
    """Asked for at the terminal, not shown. Errors: CannotUse."""
    try:
        text = ask("Passphrase of this station: ")
    except EOFError:
        raise CannotUse(
            "Nobody is there to ask for the passphrase. Use --passphrase-file or --passphrase-fd."
        ) from None
    if not text:
        raise CannotUse("The passphrase was empty.")
    return text


def new_drawn(ask: Ask = getpass, show: Show = print) -> str:
    """Draws a passphrase, shows it once, and has it typed back. Errors: CannotUse when it is not."""
    passphrase = drawn()
    show("The passphrase of this station. It is shown this once. Write it on paper now:\n")
    show(f"    {passphrase}\n")
    _confirm(passphrase, "Type it from the paper: ", ask)
    return passphrase


def new_own(ask: Ask = getpass) -> str:
    """A passphrase the person has thought of, typed twice. Errors: CannotUse."""
    try:
        passphrase = ask("New passphrase: ")
    except EOFError:
        passphrase = ""
    if len(passphrase) < _FEWEST_CHARACTERS:
        raise CannotUse(f"A passphrase of your own has at least {_FEWEST_CHARACTERS} characters. Nothing was made.")
    _confirm(passphrase, "Once more: ", ask)
    return passphrase


def _confirm(passphrase: str, question: str, ask: Ask) -> None:
    try:
        answer = ask(question)
    except EOFError:
        answer = ""
    if " ".join(answer.split()) != " ".join(passphrase.split()):
        raise CannotUse("That was not the same. Nothing was made: please start again.")
