"""One upload as a machine: frames in, effects out (docs/protocol.md, steps 5 to 7). No I/O, no clock.

Theory: the broker in between may drop, repeat, swap, change or make up frames. Numbers without gaps, a tag on every
chunk and a MAC over the whole list close all of these: an upload reaches `Complete` only if every byte is what the
producer sent. Any error is final; the machine takes no frame after it.

    AT_ITEM    between items: ITEM, FINISH (after at least one item), PING, ABORT
    IN_ITEM    inside an item: DATA; ITEM and FINISH end it first; PING, ABORT
    CLOSED     nothing
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar
from uuid import UUID

from contract.errors import ProtocolError
from contract.frames import Frame, FrameKind
from contract.limits import MAX_ITEMS
from contract.messages import Finish, ItemKind, ItemStart, Message, UploadKind
from sealing.secrets import UploadSecret

from crypto_worker.chunks import Chunk
from crypto_worker.errors import Abandoned, Altered, Broken, WorkerError
from crypto_worker.items import Item, StoredItem

CREDIT_EVERY: Final = 2  #: frames between two grants; a window of credit is never smaller
MAC_BYTES: Final = 32
KINDS: Final = {
    UploadKind.SUBMISSION: frozenset({ItemKind.MESSAGE, ItemKind.FILE}),
    UploadKind.REPLY: frozenset({ItemKind.REPLY}),
}
MOST_ITEMS: Final = {UploadKind.SUBMISSION: MAX_ITEMS, UploadKind.REPLY: 1}

M = TypeVar("M", bound=Message)


class State(Enum):
    """Where an upload stands."""

    AT_ITEM = "at_item"
    IN_ITEM = "in_item"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class BeginItem:
    """Tell the vault that chunks of this item will come."""

    item_id: UUID


@dataclass(frozen=True, slots=True)
class Grant:
    """Tell the producer that all frames below this number have been taken."""

    taken: int


@dataclass(frozen=True, slots=True, repr=False)
class Complete:
    """All is here and checked: commit."""

    items: tuple[StoredItem, ...]


Effect = BeginItem | Chunk | Grant | Complete


class Upload:
    """The machine. `new_item(number, start)` makes the receiver of one item."""

    def __init__(
        self, upload_id: UUID, kind: UploadKind, secret: UploadSecret, new_item: Callable[[int, ItemStart], Item]
    ) -> None:
        self._upload_id = upload_id
        self._kind = kind
        self._secret = secret
        self._new_item = new_item
        self._items: list[Item] = []
        self._taken = 0
        self.state = State.AT_ITEM

    def owns(self, frame: Frame) -> bool:
        """False for a stranger's frame, left in the lane by another upload: it is dropped."""
        return frame.upload_id == self._upload_id

    def take(self, frame: Frame) -> list[Effect]:
        """Effects in the order they are to be carried out. Errors: Broken (also Altered), Abandoned; both final."""
        try:
            effects = self._take(frame)
        except WorkerError:
            self.state = State.CLOSED
            raise
        if self.state is not State.CLOSED and self._taken % CREDIT_EVERY == 0:
            effects.append(Grant(self._taken))
        return effects

    def _take(self, frame: Frame) -> list[Effect]:
        if self.state is State.CLOSED or not self.owns(frame):
            raise Broken("a frame for no open upload")
        if frame.number != self._taken:
            raise Broken("a frame is missing, repeated or out of order")
        self._taken += 1
        match frame.kind:
            case FrameKind.ITEM:
                return self._take_item(frame)
            case FrameKind.DATA:
                return self._take_data(frame)
            case FrameKind.FINISH:
                return self._take_finish(frame.body)
            case FrameKind.ABORT:
                raise Abandoned("the producer gave up")
            case FrameKind.PING:
                return []

    def _take_item(self, frame: Frame) -> list[Effect]:
        ended = self._end_item()
        start = _parsed(ItemStart, frame.body)
        if frame.item != len(self._items) or frame.item >= MOST_ITEMS[self._kind]:
            raise Broken("too many items, or not the next one")
        if start.kind not in KINDS[self._kind]:
            raise Broken("an item of a kind this upload does not carry")
        if any(item.start.item_id == start.item_id for item in self._items):
            raise Broken("two items with one id")
        self._items.append(self._new_item(frame.item, start))
        self.state = State.IN_ITEM
        return [*ended, BeginItem(start.item_id)]

    def _take_data(self, frame: Frame) -> list[Effect]:
        if self.state is not State.IN_ITEM or frame.item != len(self._items) - 1 or not frame.body:
            raise Broken("data of no open item")
        return list(self._items[-1].take(frame.body))

    def _take_finish(self, body: bytes) -> list[Effect]:
        mac, text = body[:MAC_BYTES], body[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._secret.finish_mac(self._upload_id.bytes, text)):
            raise Altered("the MAC of FINISH does not verify")
        finish = _parsed(Finish, text)
        ended = self._end_item()
        if len(finish.items) != len(self._items):
            raise Broken("another number of items than FINISH says")
        stored = tuple(item.confirm(claim) for item, claim in zip(self._items, finish.items, strict=True))
        self.state = State.CLOSED
        return [*ended, Complete(stored)]

    def _end_item(self) -> list[Effect]:
        """The open item's last chunk, if an item is open."""
        if self.state is not State.IN_ITEM:
            return []
        self.state = State.AT_ITEM
        return list(self._items[-1].end())


def _parsed(model: type[M], text: bytes) -> M:
    try:
        return model.parse(json.loads(text))
    except (ProtocolError, ValueError, RecursionError) as error:
        raise Broken("a frame's body is malformed") from error
