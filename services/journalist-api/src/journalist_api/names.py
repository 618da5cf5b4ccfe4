"""Names of downloads: from our own words and numbers only, so that they are safe on any file system. Pure."""

import re
from typing import Final

from journalist_api.store import StoredItem

_MOST_LETTERS: Final = 64
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")


def file_name(stored: StoredItem) -> str:
    """`amber-falcon-3-file.age`."""
    return _stem(stored) + ".age"


def receipt_name(stored: StoredItem) -> str:
    """`amber-falcon-3-file.receipt`: lies beside the item it speaks of, also of others sent with it."""
    return _stem(stored) + ".receipt"


def attachment(name: str) -> str:
    """Value of Content-Disposition. `name` is one of the above: it needs no quoting beyond the quotes."""
    return f'attachment; filename="{name}"'


def _stem(stored: StoredItem) -> str:
    """Both words come from the database, which may be the enemy's: only letters and digits of them are taken."""
    designation, kind = (
        _UNSAFE.sub("-", word.lower()).strip("-")[:_MOST_LETTERS] for word in (stored.designation, stored.item.kind)
    )
    return f"{designation or 'source'}-{stored.item.position}-{kind or 'item'}"
