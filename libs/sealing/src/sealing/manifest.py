"""The manifest: the first member of every item's ZIP. It holds no time and no size.

The SVS takes the source's reply recipient from here, never from a server.
"""

import json
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sealing.errors import CannotOpen
from sealing.padding import KINDS

MANIFEST_NAME = "manifest.json"
PAD_NAME = ".pad"
CONTENT_NAMES = {"message": "content/message.txt", "reply": "content/message.txt", "file": "content/file.bin"}
MOST_MANIFEST_BYTES = 64 * 1024
MOST_NAME_LETTERS = 1024
_FIELDS = {"v", "item_id", "kind", "reply_recipient", "name"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """`name` is the file's original name as the source's browser sent it: never trust it as a path."""

    item_id: UUID
    kind: str
    reply_recipient: str
    name: str | None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError("an item is a message, a file or a reply")

    @property
    def content_name(self) -> str:
        """The fixed member name of the content: the source's own name is never one."""
        return CONTENT_NAMES[self.kind]

    def to_json(self) -> bytes:
        """UTF-8. Lone surrogates in the name become U+FFFD; names beyond 1024 letters are cut."""
        body = {
            "v": 1,
            "item_id": str(self.item_id),
            "kind": self.kind,
            "reply_recipient": self.reply_recipient,
            "name": None if self.name is None else _safe(self.name)[:MOST_NAME_LETTERS],
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Errors: CannotOpen for anything `to_json` would not write."""
        if len(raw) > MOST_MANIFEST_BYTES:
            raise CannotOpen("a manifest that is too long")
        try:
            body = json.loads(raw.decode())
            return cls._read(body)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CannotOpen("not a manifest") from error

    @classmethod
    def _read(cls, body: dict[str, Any]) -> Self:
        kind, recipient, name = body["kind"], body["reply_recipient"], body["name"]
        if set(body) != _FIELDS or type(body["v"]) is not int or body["v"] != 1:
            raise ValueError("other fields")
        if not isinstance(recipient, str) or not isinstance(name, str | None):
            raise TypeError("other types")
        if not recipient.isascii():  # half a character would pass as JSON and fail where it is written
            raise ValueError("a recipient we would not write")
        if name is not None and (len(name) > MOST_NAME_LETTERS or _safe(name) != name):
            raise ValueError("a name we would not write")
        return cls(item_id=UUID(body["item_id"]), kind=kind, reply_recipient=recipient, name=name)


def _safe(name: str) -> str:
    return name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
