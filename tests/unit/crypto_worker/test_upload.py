"""What an upload makes of the frames of an honest producer."""

import hashlib

import pytest
from contract.frames import FrameKind
from contract.limits import FILE_CLASS_BYTES, FRAME_BYTES
from crypto_worker.chunks import Chunk
from crypto_worker.errors import Abandoned, Broken
from crypto_worker.upload import BeginItem, Complete, Grant, State

from tests.unit.crypto_worker.posting import machine, post_of, take_all


def test_upload_of_several_items_completes_with_every_byte_in_chunks() -> None:
    post = post_of(FILE_CLASS_BYTES, 1_048_576, FILE_CLASS_BYTES)

    effects = take_all(machine(post), post.frames())

    complete = effects[-1]
    assert isinstance(complete, Complete)
    for posted, stored in zip(post.items, complete.items, strict=True):
        chunks = [effect for effect in effects if isinstance(effect, Chunk) and effect.item_id == stored.item_id]
        assert b"".join(chunk.sealed for chunk in chunks) == posted.payload
        assert [chunk.seq for chunk in chunks] == list(range(stored.chunk_count))
        assert all(len(chunk.sealed) == FRAME_BYTES for chunk in chunks[:-1])
        assert stored.payload_bytes == len(posted.payload)
        assert stored.payload_sha256 == hashlib.sha256(posted.payload).hexdigest()
        assert stored.file_sha256 == hashlib.sha256(stored.header + posted.payload).hexdigest()


def test_item_is_announced_to_the_vault_before_its_first_chunk() -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)

    effects = take_all(machine(post), post.frames())

    for item in post.items:
        begun = effects.index(BeginItem(item.start.item_id))
        chunks = [n for n, e in enumerate(effects) if isinstance(e, Chunk) and e.item_id == item.start.item_id]
        assert begun < min(chunks)


def test_credit_is_granted_for_every_second_frame_and_after_what_the_frame_stores() -> None:
    post = post_of(1_048_576)
    upload = machine(post)

    answers = [upload.take(frame) for frame in post.frames()]

    grants = [[effect for effect in effects if isinstance(effect, Grant)] for effects in answers[:-1]]
    assert grants == [[Grant(n + 1)] if n % 2 else [] for n in range(len(answers) - 1)]
    assert all(isinstance(effects[-1], Grant) for effects in answers[1:-1:2])
    assert isinstance(answers[-1][-1], Complete)


def test_pings_count_as_frames_anywhere() -> None:
    post = post_of(FILE_CLASS_BYTES)
    ping = post.frame(FrameKind.PING)
    frames = [ping, *(part for frame in [*post.item_frames(), post.finish()] for part in (frame, ping))][:-1]

    effects = take_all(machine(post), post.numbered(frames))

    assert isinstance(effects[-1], Complete)


def test_payload_cut_into_odd_frames_is_cut_again_for_the_vault() -> None:
    post = post_of(1_048_576)
    head, payload = post.item_frames()[0], post.items[0].payload
    odd = [post.frame(FrameKind.DATA, payload[at : at + 100_001]) for at in range(0, len(payload), 100_001)]

    effects = take_all(machine(post), post.numbered([head, *odd, post.finish()]))

    lengths = [len(effect.sealed) for effect in effects if isinstance(effect, Chunk)]
    assert set(lengths[:-1]) == {FRAME_BYTES}
    assert sum(lengths) == len(payload)


def test_abort_ends_the_upload() -> None:
    post = post_of(FILE_CLASS_BYTES)
    upload = machine(post)

    with pytest.raises(Abandoned):
        take_all(upload, post.numbered([*post.item_frames(), post.frame(FrameKind.ABORT)]))

    assert upload.state is State.CLOSED


def test_frame_of_another_upload_is_a_strangers() -> None:
    post, other = post_of(FILE_CLASS_BYTES), post_of(FILE_CLASS_BYTES)

    upload = machine(post)

    assert upload.owns(post.frames()[0])
    assert not upload.owns(other.frames()[0])
    with pytest.raises(Broken):
        upload.take(other.frames()[0])
