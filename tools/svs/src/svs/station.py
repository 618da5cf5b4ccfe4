"""The directory of a Viewing Station: its keys, whom it trusts, and which sources it has met.

    identity.age    the identity submissions are sealed to, under a passphrase (age's own scrypt format)
    root.age        the newsroom root key's seed, under the same passphrase
    root.pub        the root key's public half, 64 hexadecimal digits
    keyset.json     the signed keyset, to carry to the servers
    workers.json    pinned public keys of the crypto-workers whose receipts count
    opened/         what was opened, unless another place was named
    sources/        one file per source: the reply recipient its first item named

Theory: the station believes no server. A source's reply recipient is taken from inside the first item of that source
whose receipt verified, and never changes afterwards.
"""

import json
import re
from enum import Enum
from pathlib import Path
from typing import Final
from uuid import UUID

from sealing.errors import BadKeyset, BadRecipient, CannotOpen
from sealing.identities import parse_identity
from sealing.keyset import Keyset, open_keyset
from sealing.recipients import parse_recipient
from sealing.signing import VerifyKey

from svs.errors import CannotUse
from svs.files import replace, write_new
from svs.seals import Identity, unprotect

IDENTITY: Final = "identity.age"
ROOT_KEY: Final = "root.age"
ROOT_PUBLIC: Final = "root.pub"
KEYSET: Final = "keyset.json"
WORKERS: Final = "workers.json"
SOURCES: Final = "sources"
OPENED: Final = "opened"
_MOST_FILE_BYTES: Final = 1024 * 1024
_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")


class Acquaintance(Enum):
    """How an item's reply recipient stands to what the station knows of the source."""

    NEW = "saved: the first item seen of this source"
    SAME = "the same as in this source's first item"
    CHANGED = "NOT the one this source's first item named"


class Station:
    """One station's directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def unlock(self, passphrase: str) -> Identity:
        """The private identity. Takes about a second and 256 MiB, once. Errors: CannotUse."""
        sealed = self._read(IDENTITY)
        try:
            text = unprotect(sealed, passphrase).decode()
            lines = [line for line in text.splitlines() if line and not line.startswith("#")]
            return parse_identity(lines[0].strip())
        except (CannotOpen, BadRecipient, UnicodeDecodeError, IndexError) as error:
            raise CannotUse("The passphrase is wrong, or identity.age is damaged.") from error

    def keyset(self) -> Keyset:
        """The station's own keyset. Errors: CannotUse."""
        try:
            root_public = bytes.fromhex(self._read(ROOT_PUBLIC).decode("ascii").strip())
            return open_keyset(root_public, self._read(KEYSET).strip())
        except (ValueError, BadKeyset) as error:
            raise CannotUse("keyset.json does not verify under root.pub: one of them is not this station's.") from error

    def worker_keys(self) -> tuple[VerifyKey, ...]:
        """Pinned keys; none before the first was pinned. Errors: CannotUse."""
        if not (self.directory / WORKERS).exists():
            return ()
        try:
            pinned = json.loads(self._read(WORKERS))["workers"]
            return tuple(VerifyKey.from_hex(key) for key in pinned)
        except (ValueError, LookupError, TypeError) as error:
            raise CannotUse("workers.json is damaged. Pin the worker's key again with --worker-key.") from error

    def pin_worker(self, key: str) -> bool:
        """Trust a worker's receipts from now on. False if it was trusted already. Errors: CannotUse."""
        if not _HEX_KEY.fullmatch(key):
            raise CannotUse("A worker key is 64 hexadecimal digits, in small letters.")
        pinned = [known.hex for known in self.worker_keys()]
        if key in pinned:
            return False
        replace(self.directory / WORKERS, json.dumps({"v": 1, "workers": [*pinned, key]}, indent=2).encode() + b"\n")
        return True

    def meet(self, source_id: UUID, reply_recipient: str) -> Acquaintance:
        """Trust on first use. Call only with what a verified receipt vouches for. Errors: CannotUse, CannotOpen."""
        try:
            recipient = str(parse_recipient(reply_recipient))
        except BadRecipient as error:
            raise CannotOpen("no reply recipient") from error
        known = self._known_recipient(source_id)
        if known is None:
            (self.directory / SOURCES).mkdir(mode=0o700, exist_ok=True)
            body = json.dumps({"v": 1, "source_id": str(source_id), "reply_recipient": recipient}, indent=2)
            write_new(self._source_file(source_id), body.encode() + b"\n")
            return Acquaintance.NEW
        return Acquaintance.SAME if known == recipient else Acquaintance.CHANGED

    def _known_recipient(self, source_id: UUID) -> str | None:
        if not self._source_file(source_id).exists():
            return None
        try:
            return str(json.loads(self._read(f"{SOURCES}/{source_id}.json"))["reply_recipient"])
        except (ValueError, LookupError, TypeError) as error:
            raise CannotUse(f"{SOURCES}/{source_id}.json is damaged.") from error

    def _source_file(self, source_id: UUID) -> Path:
        return self.directory / SOURCES / f"{source_id}.json"

    def _read(self, name: str) -> bytes:
        """A small file of the station. Errors: CannotUse."""
        try:
            with (self.directory / name).open("rb") as file:
                content = file.read(_MOST_FILE_BYTES + 1)
        except OSError as error:
            raise CannotUse(f"{name} cannot be read in {self.directory}: {error.strerror}.") from error
        if len(content) > _MOST_FILE_BYTES:
            raise CannotUse(f"{name} in {self.directory} is far too long.")
        return content
