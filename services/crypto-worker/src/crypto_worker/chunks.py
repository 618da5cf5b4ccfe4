"""Cuts a stream into vault chunks of FRAME_BYTES each; only an item's last one is shorter."""

from dataclasses import dataclass
from uuid import UUID

from contract.limits import FRAME_BYTES


@dataclass(frozen=True, slots=True, repr=False)
class Chunk:
    """One row of the vault. `seq` counts from 0 inside the item."""

    item_id: UUID
    seq: int
    sealed: bytes


class Cutter:
    """Push bytes in, get whole chunks out."""

    def __init__(self, item_id: UUID) -> None:
        self._item_id = item_id
        self._rest = bytearray()
        self.count = 0  #: chunks cut so far
        self.total_bytes = 0  #: bytes pushed so far

    def push(self, sealed: bytes) -> list[Chunk]:
        """The chunks these bytes complete."""
        self.total_bytes += len(sealed)
        if not self._rest and len(sealed) == FRAME_BYTES:  # the usual case, without a copy
            return [self._cut(sealed)]
        self._rest += sealed
        chunks = []
        while len(self._rest) >= FRAME_BYTES:
            chunks.append(self._cut(bytes(self._rest[:FRAME_BYTES])))
            del self._rest[:FRAME_BYTES]
        return chunks

    def finish(self) -> list[Chunk]:
        """The short last chunk, if there is one."""
        if not self._rest:
            return []
        last = bytes(self._rest)
        self._rest.clear()
        return [self._cut(last)]

    def _cut(self, sealed: bytes) -> Chunk:
        self.count += 1
        return Chunk(self._item_id, self.count - 1, sealed)
