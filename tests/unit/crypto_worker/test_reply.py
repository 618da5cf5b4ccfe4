"""Replies: one whole age file, whose key the worker never has."""

import hashlib
import io
import time
from uuid import uuid4

import pytest
from contract.limits import MESSAGE_CLASS_BYTES
from contract.messages import FinishedItem, ItemKind, ItemStart, UploadKind
from crypto_worker.chunks import Chunk
from crypto_worker.errors import Broken
from crypto_worker.items import StoredItem
from crypto_worker.reply import ReplyItem
from crypto_worker.upload import Complete, Upload
from sealing.age import seal
from sealing.header import read_header
from sealing.identities import HybridIdentity, X25519Identity
from sealing.keyset import Keyset
from sealing.recipients import Recipient

from tests.unit.crypto_worker.posting import KEYSET, SOURCE, SVS, Post, Posted


def sealed_reply(*recipients: Recipient, size_class: int = MESSAGE_CLASS_BYTES) -> bytes:
    sink = io.BytesIO()
    seal(io.BytesIO(bytes(size_class)), sink, recipients)
    return sink.getvalue()


def take_reply(
    file: bytes, *, piece: int = 1 << 18, size_class: int = MESSAGE_CLASS_BYTES, keyset: Keyset = KEYSET
) -> tuple[StoredItem, bytes]:
    start = ItemStart(item_id=uuid4(), kind=ItemKind.REPLY)
    item = ReplyItem(start, keyset)
    chunks = [chunk for at in range(0, len(file), piece) for chunk in item.take(file[at : at + piece])]
    chunks += item.end()
    claim = FinishedItem(
        item_id=start.item_id,
        kind=ItemKind.REPLY,
        payload_bytes=len(file),
        payload_sha256=hashlib.sha256(file).hexdigest(),
        size_class=size_class,
    )
    return item.confirm(claim), b"".join(chunk.sealed for chunk in chunks)


def test_a_reply_in_tiny_frames_costs_no_more_than_its_bytes() -> None:
    """Its header was looked for anew at every frame: one such reply kept all other uploads waiting for 20 s."""
    recipients = [HybridIdentity.generate().recipient for _ in range(16)]
    file = sealed_reply(SOURCE.recipient, *recipients)
    begun = time.process_time()

    stored, _ = take_reply(file, piece=1, keyset=Keyset(1, tuple(recipients), None, None, "x"))

    assert stored.payload_bytes < len(file)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("piece", [1, 100, 1 << 18])
def test_reply_is_kept_as_header_and_payload_that_make_the_file_again(piece: int) -> None:
    file = sealed_reply(SOURCE.recipient, SVS.recipient)

    stored, payload = take_reply(file, piece=piece)

    header = read_header(file)
    assert header is not None
    assert stored.header == file[: header.length]
    assert stored.header + payload == file
    assert stored.payload_bytes == len(payload)
    assert stored.file_sha256 == stored.payload_sha256 == hashlib.sha256(file).hexdigest()


def test_upload_of_a_reply_completes() -> None:
    file = sealed_reply(SOURCE.recipient, SVS.recipient)
    post = Post(items=[Posted(ItemStart(item_id=uuid4(), kind=ItemKind.REPLY), file, MESSAGE_CLASS_BYTES)])
    upload = Upload(post.upload_id, UploadKind.REPLY, post.secret, lambda _, start: ReplyItem(start, KEYSET))

    effects = [effect for frame in post.frames() for effect in upload.take(frame)]

    assert isinstance(effects[-1], Complete)
    assert [effect.seq for effect in effects if isinstance(effect, Chunk)] == [0]


def test_reply_upload_with_two_items_is_refused() -> None:
    file = sealed_reply(SOURCE.recipient, SVS.recipient)
    items = [Posted(ItemStart(item_id=uuid4(), kind=ItemKind.REPLY), file, MESSAGE_CLASS_BYTES) for _ in range(2)]
    post = Post(items=items)
    upload = Upload(post.upload_id, UploadKind.REPLY, post.secret, lambda _, start: ReplyItem(start, KEYSET))

    with pytest.raises(Broken, match="too many"):
        [upload.take(frame) for frame in post.frames()]


@pytest.mark.parametrize(
    "recipients",
    [
        (SOURCE.recipient,),
        (SOURCE.recipient, SVS.recipient, HybridIdentity.generate().recipient),
        (X25519Identity.generate().recipient, X25519Identity.generate().recipient),
    ],
    ids=["too few", "too many", "classic"],
)
def test_reply_sealed_to_other_stanzas_than_source_and_keyset_is_refused(recipients: tuple[Recipient, ...]) -> None:
    with pytest.raises(Broken, match="sealed to the source and the keyset"):
        take_reply(sealed_reply(*recipients))


def test_reply_that_is_not_padded_is_refused() -> None:
    file = sealed_reply(SOURCE.recipient, SVS.recipient, size_class=5000)

    for size_class in (5000, MESSAGE_CLASS_BYTES):
        with pytest.raises(Broken, match="size class"):
            take_reply(file, size_class=size_class)


def test_reply_over_the_limit_is_refused_while_it_comes() -> None:
    item = ReplyItem(ItemStart(item_id=uuid4(), kind=ItemKind.REPLY), KEYSET)
    file = sealed_reply(SOURCE.recipient, SVS.recipient, size_class=1_048_576)

    with pytest.raises(Broken, match="too long"):
        item.take(file)


@pytest.mark.parametrize("file", [b"no age file at all\n", b"age-encryption.org/v1\n" + b"-> x\n" * 20_000])
def test_reply_that_is_no_age_file_is_refused(file: bytes) -> None:
    with pytest.raises(Broken):
        take_reply(file)


def test_reply_that_ends_in_its_header_is_refused() -> None:
    with pytest.raises(Broken, match="whole header"):
        take_reply(sealed_reply(SOURCE.recipient, SVS.recipient)[:1000])


def test_armored_reply_is_refused() -> None:
    with pytest.raises(Broken):
        take_reply(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
