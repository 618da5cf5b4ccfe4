"""Everything an upload refuses, and that it is final."""

from dataclasses import replace

import pytest
from contract.frames import FrameKind
from contract.limits import FILE_CLASS_BYTES, MAX_ITEMS
from contract.messages import ItemKind, ItemStart
from crypto_worker.errors import Altered, Broken
from sealing.signing import canonical

from tests.unit.crypto_worker.posting import Post, flip_bit, machine, post_of, take_all


@pytest.mark.parametrize("position", range(5))
def test_dropped_frame_breaks_the_upload(position: int) -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    frames = [*post.frames(), replace(post.frame(FrameKind.PING), number=5)]
    del frames[position]

    with pytest.raises(Broken):
        take_all(machine(post), frames)


@pytest.mark.parametrize("position", range(5))
def test_repeated_frame_breaks_the_upload(position: int) -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    frames = post.frames()
    frames.insert(position, frames[position])

    with pytest.raises(Broken):
        take_all(machine(post), frames)


@pytest.mark.parametrize("position", range(4))
def test_swapped_frames_break_the_upload(position: int) -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    frames = post.frames()
    frames[position], frames[position + 1] = frames[position + 1], frames[position]

    with pytest.raises(Broken):
        take_all(machine(post), frames)


@pytest.mark.parametrize("frame", range(5))
@pytest.mark.parametrize("position", [0, 40, -1])
def test_flipped_bit_breaks_the_upload_wherever_it_is(frame: int, position: int) -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    frames = post.frames()
    frames[frame] = replace(frames[frame], body=flip_bit(frames[frame].body, position))

    with pytest.raises(Broken):
        take_all(machine(post), frames)


def test_flipped_bit_of_a_payload_is_known_as_alteration() -> None:
    post = post_of(FILE_CLASS_BYTES)
    frames = post.frames()
    frames[1] = replace(frames[1], body=flip_bit(frames[1].body, 1000))

    with pytest.raises(Altered):
        take_all(machine(post), frames)


def test_changed_mac_of_finish_is_known_as_alteration() -> None:
    post = post_of(FILE_CLASS_BYTES)
    frames = post.frames()
    frames[-1] = replace(frames[-1], body=flip_bit(frames[-1].body, 0))

    with pytest.raises(Altered):
        take_all(machine(post), frames)


def test_finish_under_another_uploads_secret_is_refused() -> None:
    post, other = post_of(FILE_CLASS_BYTES), Post()
    other.upload_id, other.items = post.upload_id, post.items

    with pytest.raises(Altered):
        take_all(machine(post), post.numbered([*post.item_frames(), other.finish()]))


def test_payload_under_the_key_of_another_item_is_refused() -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    post.items.reverse()

    with pytest.raises(Altered):
        take_all(machine(post), post.frames())


def test_payload_cut_short_is_refused_even_if_finish_says_so() -> None:
    post = post_of(131_072)
    whole = post.items[0]
    post.items[0] = replace(whole, payload=whole.payload[: 16 + 65_552], size_class=FILE_CLASS_BYTES)

    with pytest.raises(Altered):
        take_all(machine(post), post.frames())


@pytest.mark.parametrize(
    "change",
    [
        {"payload_bytes": 1},
        {"payload_sha256": "0" * 64},
        {"size_class": 131_072},
        {"kind": ItemKind.MESSAGE},
        {"item_id": "00000000-0000-4000-8000-000000000000"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_finish_that_does_not_match_what_came_is_refused(change: dict[str, object]) -> None:
    post = post_of(FILE_CLASS_BYTES)
    claim = post.items[0].claim().model_validate({**post.items[0].claim().body(), **change})

    with pytest.raises(Broken):
        take_all(machine(post), post.frames([claim]))


def test_payload_that_is_not_padded_to_a_size_class_is_refused() -> None:
    post = post_of(100_001)

    with pytest.raises(Broken, match="not a size class"):
        take_all(machine(post), post.frames())


def test_finish_with_fewer_or_more_items_than_came_is_refused() -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    claims = [item.claim() for item in post.items]

    for told in (claims[:1], [*claims, claims[0]], claims[::-1]):
        with pytest.raises(Broken):
            take_all(machine(post), post.frames(told))


def test_finish_without_any_item_is_refused() -> None:
    post = Post()

    with pytest.raises(Broken):
        take_all(machine(post), post.frames())


def test_two_items_with_one_id_are_refused() -> None:
    post = post_of(FILE_CLASS_BYTES, FILE_CLASS_BYTES)
    post.items[1] = replace(post.items[1], start=post.items[0].start)

    with pytest.raises(Broken, match="one id"):
        take_all(machine(post), post.frames())


def test_one_item_more_than_allowed_is_refused() -> None:
    post = post_of(*[16_384] * (MAX_ITEMS + 1))
    frames = post.numbered(post.item_frames())

    upload = machine(post)
    take_all(upload, frames[: 2 * MAX_ITEMS])

    with pytest.raises(Broken, match="too many"):
        upload.take(frames[2 * MAX_ITEMS])


def test_reply_inside_a_submission_is_refused() -> None:
    post = Post()
    post.add(kind=ItemKind.REPLY)

    with pytest.raises(Broken, match="kind"):
        take_all(machine(post), post.frames())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"item_id": 1}', b"[" * 100_000, b"\xff"])
def test_malformed_item_start_is_refused(body: bytes) -> None:
    post = Post()

    with pytest.raises(Broken):
        machine(post).take(post.frame(FrameKind.ITEM, body))


def test_data_outside_an_item_is_refused() -> None:
    post = Post()

    with pytest.raises(Broken):
        machine(post).take(post.frame(FrameKind.DATA, b"x"))


def test_data_for_another_item_number_is_refused() -> None:
    post = post_of(FILE_CLASS_BYTES)
    frames = post.frames()
    frames[1] = replace(frames[1], item=1)

    with pytest.raises(Broken):
        take_all(machine(post), frames)


def test_item_number_that_is_not_the_next_is_refused() -> None:
    post = post_of(FILE_CLASS_BYTES)
    frame = replace(post.frames()[0], item=1)

    with pytest.raises(Broken):
        machine(post).take(frame)


def test_empty_data_frame_is_refused() -> None:
    post = post_of(FILE_CLASS_BYTES)
    head = post.item_frames()[0]

    with pytest.raises(Broken):
        take_all(machine(post), post.numbered([head, post.frame(FrameKind.DATA)]))


def test_item_without_data_is_refused_when_the_next_begins() -> None:
    post = post_of(FILE_CLASS_BYTES)
    head = post.item_frames()[0]
    second = replace(head, body=canonical(ItemStart(item_id=post.upload_id, kind=ItemKind.FILE).body()), item=1)

    with pytest.raises(Altered):
        take_all(machine(post), post.numbered([head, second]))


def test_no_frame_is_taken_after_finish() -> None:
    post = post_of(FILE_CLASS_BYTES)
    upload = machine(post)
    take_all(upload, post.frames())

    with pytest.raises(Broken):
        upload.take(replace(post.frame(FrameKind.PING), number=3))


def test_no_frame_is_taken_after_an_error() -> None:
    post = post_of(FILE_CLASS_BYTES)
    frames = post.frames()
    upload = machine(post)
    with pytest.raises(Broken):
        upload.take(frames[1])

    with pytest.raises(Broken):
        upload.take(frames[0])
