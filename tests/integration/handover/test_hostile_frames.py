"""Whatever the hub does to frames on their way: never an acknowledgement, nothing visible in the vault."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from contract.audit import EventName
from contract.frames import Frame, FrameKind
from contract.topology import LANES, Route
from handover.errors import HandOverFailed
from sealing.signing import canonical

from tests.integration.handover.hub import (
    Exchange,
    Tamper,
    flip_body,
    on_finish,
    on_frame,
)
from tests.integration.handover.newsroom import Newsroom, eventually, nothing_is_left, ready
from tests.integration.handover.posts import Content, Source, opened, submit

DOCUMENT = b"secret document " * 80_000  # six data frames


def changed_claim(frame: Frame) -> list[Frame]:
    """FINISH that says another size class, under the old MAC."""
    mac, finish = frame.body[:32], json.loads(frame.body[32:])
    finish["items"][0]["size_class"] *= 2
    return [replace(frame, body=mac + canonical(finish))]


def moved_on(count: int) -> Callable[[Frame], list[Frame]]:
    return lambda frame: [replace(frame, number=frame.number + count)]


FRAME_ATTACKS: dict[str, Tamper] = {
    "a bit of the payload flipped": on_frame(2, flip_body(1000)),
    "a bit of the last tag flipped": on_frame(6, flip_body(-1)),
    "a bit of an item's id flipped": on_frame(0, flip_body(15)),
    "a bit of FINISH flipped": on_finish(flip_body(60)),
    "a bit of the MAC flipped": on_finish(flip_body(0)),
    "FINISH with another size class": on_finish(changed_claim),
    "a frame with another number": on_frame(3, moved_on(1)),
    "a frame of another item": on_frame(3, lambda frame: [replace(frame, item=1)]),
    "a frame of another kind": on_frame(3, lambda frame: [replace(frame, kind=FrameKind.PING)]),
    "a frame dropped": on_frame(3, lambda _: []),
    "the first frame dropped": on_frame(0, lambda _: []),
    "a frame repeated": on_frame(3, lambda frame: [frame, frame]),
    "FINISH in the middle": on_frame(3, lambda frame: [replace(frame, kind=FrameKind.FINISH)]),
    "a payload cut short": on_frame(6, lambda frame: [replace(frame, body=frame.body[:-100])]),
    "a frame in two": on_frame(
        3, lambda frame: [replace(frame, body=frame.body[:100]), replace(frame, body=frame.body[100:])]
    ),
}


@pytest.mark.parametrize("attack", FRAME_ATTACKS)
async def test_tampered_frame_is_never_acknowledged(newsroom: Newsroom, attack: str) -> None:
    producer = await ready(newsroom)
    newsroom.hub.tamper = FRAME_ATTACKS[attack]

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), Content(DOCUMENT))

    await nothing_is_left(newsroom, producer)


async def test_upload_without_tampering_is_stored_in_the_same_setting(newsroom: Newsroom) -> None:
    producer, content = await ready(newsroom), Content(DOCUMENT)

    await submit(producer, Source(), content)

    assert opened(newsroom.stored_file(content.id), newsroom.svs) == DOCUMENT
    assert len(newsroom.hub.passed(LANES)) == 8  # ITEM, six DATA, FINISH: what the attacks count on


@pytest.mark.parametrize("whole", [True, False], ids=["whole frames", "only their bodies"])
@pytest.mark.parametrize("number", [0, 2])
async def test_frames_swapped_between_two_uploads_fail_both(newsroom: Newsroom, whole: bool, number: int) -> None:
    producer = await ready(newsroom)
    exchange = Exchange(number, whole=whole)
    newsroom.hub.tamper = exchange

    ends = await asyncio.gather(
        submit(producer, Source(), Content(DOCUMENT)),
        submit(producer, Source(), Content(DOCUMENT)),
        return_exceptions=True,
    )

    assert exchange.is_done
    assert [type(end) for end in ends] == [HandOverFailed, HandOverFailed]
    await nothing_is_left(newsroom, producer, uploads=2)


async def test_withheld_finish_is_never_acknowledged(small_newsroom: Newsroom) -> None:
    producer = await ready(small_newsroom)
    small_newsroom.hub.tamper = on_finish(lambda _: [])

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), Content(DOCUMENT))

    await nothing_is_left(small_newsroom, producer)


async def test_reordered_frames_are_never_acknowledged(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    held: list[tuple[Route, bytes]] = []

    def swap_neighbours(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
        if route.exchange == LANES and Frame.decode(body).number == 2:
            held.append((route, body))
            return []
        if route.exchange == LANES and Frame.decode(body).number == 3:
            return [(route, body), *held]
        return [(route, body)]

    newsroom.hub.tamper = swap_neighbours

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), Content(DOCUMENT))

    await nothing_is_left(newsroom, producer)


async def test_alteration_is_reported_to_the_monitor(small_newsroom: Newsroom) -> None:
    producer = await ready(small_newsroom)
    small_newsroom.hub.tamper = FRAME_ATTACKS["a bit of the payload flipped"]

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), Content(DOCUMENT))

    await eventually(lambda: EventName.FORGED_MESSAGE in small_newsroom.audit_names())
