"""What sources submit, and how a producer hands it over."""

import io
from dataclasses import dataclass, field
from uuid import UUID, uuid4
from zipfile import ZipFile

from contract.messages import FinishedItem, ItemKind, UploadKind
from handover.stored import Stored
from handover.transfer import Transfer
from sealing.age import open_bytes, seal
from sealing.identities import HybridIdentity
from sealing.item import ItemSealer

from tests.integration.handover.newsroom import Producer


@dataclass
class Source:
    """Whoever submits."""

    identity: HybridIdentity = field(default_factory=HybridIdentity.generate)
    id: UUID = field(default_factory=uuid4)
    lookup_id: bytes = field(default_factory=lambda: uuid4().bytes * 2)

    @property
    def recipient(self) -> str:
        return str(self.identity.recipient)


@dataclass
class Content:
    """One item as somebody wrote it."""

    plaintext: bytes
    kind: ItemKind = ItemKind.FILE
    name: str | None = "report.pdf"
    id: UUID = field(default_factory=uuid4)


async def submit(producer: Producer, source: Source, *contents: Content) -> Stored:
    """As source-api's intake does it: sealed while it is sent."""
    transfer = await producer.handover.begin(UploadKind.SUBMISSION, source.id, source.lookup_id, source.recipient)
    async with transfer:
        return await send_items(transfer, source, contents)


async def send_items(transfer: Transfer, source: Source, contents: tuple[Content, ...]) -> Stored:
    finished = []
    for number, content in enumerate(contents):
        await transfer.start_item(content.kind, content.id)
        key = transfer.secret.item_key(transfer.upload_id.bytes, number)
        sealer = ItemSealer(key, content.kind.value, content.id, source.recipient, content.name)
        for at in range(0, len(content.plaintext), 100_000):
            await transfer.send(sealer.update(content.plaintext[at : at + 100_000]))
        for piece in sealer.finish():
            await transfer.send(piece)
        finished.append(
            FinishedItem(
                item_id=content.id,
                kind=content.kind,
                payload_bytes=sealer.payload_bytes,
                payload_sha256=sealer.payload_sha256,
                size_class=sealer.size_class,
            )
        )
    return await transfer.finish(finished)


def opened(file: bytes, identity: HybridIdentity) -> bytes:
    """The content of an item, by the identity it was sealed to."""
    with ZipFile(io.BytesIO(open_bytes(file, [identity]))) as archive:
        return archive.read(next(name for name in archive.namelist() if name.startswith("content/")))


def sealed_zip(plaintext: bytes, *identities: HybridIdentity) -> bytes:
    sink = io.BytesIO()
    seal(io.BytesIO(plaintext), sink, [identity.recipient for identity in identities])
    return sink.getvalue()
