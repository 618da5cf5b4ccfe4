"""The keyset file: verified once, at start. Replies are sealed to it in the browser, which verifies it again."""

from dataclasses import dataclass
from pathlib import Path

from sealing.errors import BadKeyset
from sealing.keyset import Keyset, open_keyset


class KeysetRefused(Exception):
    """Missing, or not signed by the newsroom's root key."""


@dataclass(frozen=True, slots=True)
class VerifiedKeyset:
    """The keyset as the SVS signed it, and what it says."""

    blob: bytes
    keyset: Keyset


def load_keyset(path: Path, root_public_key: str) -> VerifiedKeyset:
    """`root_public_key` in hex. Errors: KeysetRefused."""
    try:
        blob = path.read_bytes()
        return VerifiedKeyset(blob, open_keyset(bytes.fromhex(root_public_key), blob))
    except (OSError, BadKeyset) as error:
        raise KeysetRefused("the keyset file cannot be used") from error
