"""What a correct producer sends, as a list of frames that tests then spoil."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from contract.frames import Frame, FrameKind
from contract.limits import FILE_CLASS_BYTES, FRAME_BYTES, MESSAGE_CLASS_BYTES
from contract.messages import Finish, FinishedItem, ItemKind, ItemStart, UploadKind
from crypto_worker.items import Item, SubmissionItem
from crypto_worker.upload import Effect, Upload
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset
from sealing.payload import PayloadSealer
from sealing.secrets import UploadSecret
from sealing.signing import canonical

SVS = HybridIdentity.generate()
SOURCE = HybridIdentity.generate()
KEYSET = Keyset(1, (SVS.recipient,), None, None, "The Test Newsroom")


@dataclass(frozen=True)
class Posted:
    """One item as it is sent."""

    start: ItemStart
    payload: bytes
    size_class: int

    def claim(self) -> FinishedItem:
        return FinishedItem(
            item_id=self.start.item_id,
            kind=self.start.kind,
            payload_bytes=len(self.payload),
            payload_sha256=hashlib.sha256(self.payload).hexdigest(),
            size_class=self.size_class,
        )


@dataclass
class Post:
    """One upload. Add items, then take the frames."""

    upload_id: UUID = field(default_factory=uuid4)
    secret: UploadSecret = field(default_factory=UploadSecret.random)
    items: list[Posted] = field(default_factory=list)

    def add(self, size_class: int = MESSAGE_CLASS_BYTES, kind: ItemKind = ItemKind.MESSAGE) -> Posted:
        """Any bytes of the right length do: the worker cannot see what is inside."""
        sealer = PayloadSealer(self.secret.item_key(self.upload_id.bytes, len(self.items)))
        payload = sealer.start() + sealer.update(bytes(size_class)) + sealer.final()
        item = Posted(ItemStart(item_id=uuid4(), kind=kind), payload, size_class)
        self.items.append(item)
        return item

    def frames(self, claims: Sequence[FinishedItem] | None = None) -> list[Frame]:
        """ITEM and DATA of each item, then FINISH."""
        return self.numbered([*self.item_frames(), self.finish(claims)])

    def item_frames(self) -> list[Frame]:
        frames = []
        for number, item in enumerate(self.items):
            frames.append(self.frame(FrameKind.ITEM, canonical(item.start.body()), number))
            for offset in range(0, len(item.payload), FRAME_BYTES):
                frames.append(self.frame(FrameKind.DATA, item.payload[offset : offset + FRAME_BYTES], number))
        return frames

    def finish(self, claims: Sequence[FinishedItem] | None = None) -> Frame:
        told = tuple(item.claim() for item in self.items) if claims is None else tuple(claims)
        text = canonical(Finish.model_construct(items=told).body())
        return self.frame(FrameKind.FINISH, self.secret.finish_mac(self.upload_id.bytes, text) + text)

    def frame(self, kind: FrameKind, body: bytes = b"", item: int = 0) -> Frame:
        return Frame(self.upload_id, 0, kind, item, body)

    def numbered(self, frames: Iterable[Frame]) -> list[Frame]:
        return [replace(frame, number=number) for number, frame in enumerate(frames)]


def flip_bit(body: bytes, position: int = -1) -> bytes:
    spoilt = bytearray(body)
    spoilt[position] ^= 1
    return bytes(spoilt)


def machine(post: Post) -> Upload:
    """The worker's machine for this post."""

    def new_item(number: int, start: ItemStart) -> Item:
        return SubmissionItem(start, post.secret.item_key(post.upload_id.bytes, number), KEYSET.recipients)

    return Upload(post.upload_id, UploadKind.SUBMISSION, post.secret, new_item)


def take_all(upload: Upload, frames: list[Frame]) -> list[Effect]:
    return [effect for frame in frames for effect in upload.take(frame)]


def post_of(*size_classes: int) -> Post:
    """Files of these size classes; one small file if none is given."""
    post = Post()
    for size_class in size_classes or (FILE_CLASS_BYTES,):
        post.add(size_class, ItemKind.FILE)
    return post
