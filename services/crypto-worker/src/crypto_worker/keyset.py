"""The SVS keyset: loaded once, verified with the pinned newsroom root key, never older than one used before.

Theory: whoever can swap this file decides who reads every submission. The signature keeps strangers out; the generation
kept in the state directory keeps out a keyset the newsroom has replaced, for instance because a key was lost.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from sealing.errors import BadKeyset
from sealing.keyset import Keyset, open_keyset
from sealing.recipients import Recipient

from crypto_worker.errors import KeysetRefused

MEMORY_FILE: Final = "keyset-generation.json"
_LONGEST_KEYSET_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """The highest generation used so far, and the SHA-256 (hex) of its file: a generation never changes its content."""

    generation: int
    sha256: str


def load_keyset(path: Path, root_public: bytes, state_dir: Path) -> Keyset:
    """The keyset to seal to. Remembers its generation, on disk, before it is used. Errors: KeysetRefused."""
    blob = _read(path)
    try:
        keyset = open_keyset(root_public, blob)
    except BadKeyset as error:
        raise KeysetRefused("not a keyset the newsroom root key signed") from error
    found = Memory(keyset.generation, hashlib.sha256(blob).hexdigest())
    remembered = recall(state_dir)
    check_generation(found, remembered)
    if found != remembered:
        remember(state_dir, found)
    return keyset


def check_generation(found: Memory, remembered: Memory | None) -> None:
    """Errors: KeysetRefused for an older generation, or the same one with another content."""
    if remembered is None or found.generation > remembered.generation:
        return
    if found != remembered:
        raise KeysetRefused("older than, or not the same as, a keyset used before")


def recall(state_dir: Path) -> Memory | None:
    """What is remembered; None only where nothing was ever written. Errors: KeysetRefused if it cannot be read."""
    try:
        text = (state_dir / MEMORY_FILE).read_text("ascii")
    except FileNotFoundError:
        if state_dir.is_dir():
            return None
        raise KeysetRefused("the state directory is missing") from None
    except (OSError, ValueError) as error:
        raise KeysetRefused("the generation memory cannot be read") from error
    try:
        values = json.loads(text)
        return Memory(int(values["generation"]), str(values["sha256"]))
    except (ValueError, TypeError, KeyError) as error:
        raise KeysetRefused("the generation memory is damaged") from error


def remember(state_dir: Path, memory: Memory) -> None:
    """Atomic and durable: after a power cut there is the old memory or the new one. Errors: KeysetRefused."""
    fresh = state_dir / (MEMORY_FILE + ".new")
    text = json.dumps({"generation": memory.generation, "sha256": memory.sha256})
    try:
        with fresh.open("w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(state_dir / MEMORY_FILE)
        directory = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise KeysetRefused("the generation memory cannot be written") from error


def recipients_for(keyset: Keyset, source_id: UUID) -> tuple[Recipient, ...]:
    """Whom an item of this source is sealed to: the keyset, and for the drill source its drill recipient as well."""
    if keyset.drill_recipient is not None and keyset.drill_source == source_id:
        return (*keyset.recipients, keyset.drill_recipient)
    return keyset.recipients


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            blob = file.read(_LONGEST_KEYSET_BYTES + 1)
    except OSError as error:
        raise KeysetRefused("the keyset cannot be read") from error
    if len(blob) > _LONGEST_KEYSET_BYTES:
        raise KeysetRefused("a keyset that is too long")
    return blob
