"""Frames: what travels through a lane between a producer and a worker (docs/protocol.md, step 5).

    upload id   16 bytes   who this belongs to; strangers are dropped
    number       8 bytes   big endian, from 0, without gaps
    kind         1 byte    FrameKind
    item         2 bytes   big endian, number of the item inside the submission, from 0
    body         the rest  at most FRAME_BYTES

Frames are sealed inside (the payload is age STREAM) and closed by an authenticated FINISH;
the header needs no protection of its own: whatever is changed here makes the upload fail.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from contract.errors import ProtocolError
from contract.limits import FRAME_BYTES

_HEAD: Final = struct.Struct(">16sQBH")


class FrameKind(IntEnum):
    """What a frame's body is."""

    ITEM = 1  #: JSON of `messages.ItemStart`: the next item begins
    DATA = 2  #: payload bytes of the current item
    FINISH = 3  #: 32 bytes MAC, then JSON of `messages.Finish`
    ABORT = 4  #: empty: the producer gives up
    PING = 5  #: empty: the producer is alive but has nothing to send


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `number` counts all frames of the upload, pings included."""

    upload_id: UUID
    number: int
    kind: FrameKind
    item: int
    body: bytes = b""

    def encode(self) -> bytes:
        """Wire form: header, then body."""
        return _HEAD.pack(self.upload_id.bytes, self.number, self.kind, self.item) + self.body

    @classmethod
    def decode(cls, wire: bytes) -> "Frame":
        """Errors: ProtocolError for anything that is not one frame."""
        if not _HEAD.size <= len(wire) <= _HEAD.size + FRAME_BYTES:
            raise ProtocolError("not a frame: length")
        upload_id, number, kind, item = _HEAD.unpack_from(wire)
        try:
            return cls(UUID(bytes=upload_id), number, FrameKind(kind), item, wire[_HEAD.size :])
        except ValueError as error:
            raise ProtocolError("not a frame: kind") from error
