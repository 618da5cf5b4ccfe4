"""Our copy of the SVS keyset: without a usable one nothing is accepted. (Which one counts, the worker decides.)"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from contract.audit import EventName
from sealing.errors import BadKeyset
from sealing.keyset import Keyset, open_keyset

_CHECK_SECONDS: Final = 10.0
_MOST_BYTES: Final = 256 * 1024

#: Told of the event, and of the generation where there is one.
Notice = Callable[[EventName, int | None], None]


class KeysetCopy:
    """Read at start and whenever the file changes. An older generation, or a bad file, never replaces a good one."""

    def __init__(self, file: Path, root_public_key: bytes, notice: Notice) -> None:
        self._file = file
        self._root = root_public_key
        self._notice = notice
        self._keyset: Keyset | None = None
        self._blob: bytes | None = None

    @property
    def is_usable(self) -> bool:
        return self._keyset is not None

    def check(self) -> None:
        """Read the file if it is another than last time."""
        try:
            with self._file.open("rb") as file:
                blob = file.read(_MOST_BYTES)
        except OSError:
            blob = b""
        if blob == self._blob:
            return
        self._blob = blob
        try:
            keyset = open_keyset(self._root, blob)
        except BadKeyset:
            self._notice(EventName.KEYSET_REFUSED, None)
            return
        if self._keyset is not None and keyset.generation < self._keyset.generation:
            self._notice(EventName.KEYSET_REFUSED, keyset.generation)
            return
        self._keyset = keyset
        self._notice(EventName.KEYSET_LOADED, keyset.generation)

    async def run(self) -> None:
        """Checks until cancelled."""
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            self.check()
