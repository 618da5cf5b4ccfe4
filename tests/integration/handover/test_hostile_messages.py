"""Whatever the hub forges, changes or plays back: no upload begins by it, and none is acknowledged by it."""

import asyncio
import base64
import json
from uuid import UUID

import pytest
from contract.audit import EventName
from contract.frames import Frame, FrameKind
from contract.messages import WORK_CONTEXT, UploadKind, Work
from contract.topology import ANNOUNCE, ANSWERS, LANES, WORK, Route
from handover.errors import HandOverFailed, NotConfirmed
from handover.timings import Timings
from sealing.signing import SigningKey, canonical, open_envelope, sign_envelope

from tests.integration.handover.hub import (
    flip,
    honest,
)
from tests.integration.handover.newsroom import Newsroom, eventually, nothing_is_left, ready, upload_ids
from tests.integration.handover.posts import Content, Source, opened, submit

DOCUMENT = b"secret document " * 80_000  # six data frames


async def test_work_forged_by_the_hub_is_not_taken(newsroom: Newsroom) -> None:
    """It knows everything but a producer's key: it may even use the sealed part of a real work message."""
    producer = await ready(newsroom)
    source = Source()
    await submit(producer, source, Content(b"real"))
    [(route, real)] = newsroom.hub.passed(WORK)
    answers = len(newsroom.hub.passed(ANSWERS))
    body = open_envelope(producer.key.verify_key, WORK_CONTEXT, real)

    hub_key = SigningKey.generate()
    forged = sign_envelope(hub_key, WORK_CONTEXT, {**body, "upload_id": str(UUID(int=5))})
    await producer.bus.publish(route, forged)
    envelope = json.loads(real)
    await producer.bus.publish(route, canonical({**envelope, "body": base64.b64encode(canonical(body)[:-1]).decode()}))
    await producer.bus.publish(route, b"anything")

    await eventually(lambda: newsroom.audit_names().count(EventName.FORGED_MESSAGE) == 3)
    assert len(newsroom.hub.passed(ANSWERS)) == answers
    assert newsroom.count("item") == 1


async def test_replayed_upload_is_not_taken_again(newsroom: Newsroom) -> None:
    """The hub plays back everything: work message and all frames, into the same lane."""
    producer = await ready(newsroom)
    await submit(producer, Source(), Content(DOCUMENT))
    recorded = [*newsroom.hub.passed(WORK), *newsroom.hub.passed(LANES)]

    for route, body in recorded:
        await producer.bus.publish(route, body)

    await eventually(lambda: EventName.FORGED_MESSAGE in newsroom.audit_names())
    await asyncio.sleep(0.3)
    assert newsroom.count("item") == newsroom.count("receipt") == 1
    assert newsroom.count("pending") == 0


async def test_work_replayed_to_a_restarted_worker_is_refused(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    await submit(producer, Source(), Content(b"once"))
    [(route, work)] = newsroom.hub.passed(WORK)
    upload_id = Work.parse(open_envelope(producer.key.verify_key, WORK_CONTEXT, work)).upload_id
    newsroom.postgres.sql(f"DELETE FROM sealdrop.outcome WHERE upload_id = '{upload_id}'", newsroom.database)
    old = producer.directory.pick()
    await newsroom.stop_worker("worker-1")

    await newsroom.add_worker()
    await eventually(lambda: producer.directory.pick() is not None and producer.directory.pick() != old)
    await producer.bus.publish(route, work)
    await submit(producer, Source(), Content(b"twice"))

    assert newsroom.count("item") == 2
    assert newsroom.count("pending") == 0


async def test_replayed_announcement_does_not_bring_a_dead_worker_back(newsroom: Newsroom) -> None:
    timings = Timings(fresh=2.5)
    producer = await ready(newsroom, timings)
    await newsroom.stop_worker("worker-1")
    await eventually(lambda: not producer.directory.is_open)

    for route, body in newsroom.hub.passed(ANNOUNCE):
        await newsroom.workers["worker-1"].bus.publish(route, body)
    await asyncio.sleep(0.3)

    assert not producer.directory.is_open


async def test_altered_announcement_opens_nothing(newsroom: Newsroom) -> None:
    newsroom.hub.tamper = lambda route, body: [(route, flip(body, 200) if route.exchange == ANNOUNCE else body)]
    await newsroom.add_worker()
    producer = await newsroom.add_producer()

    await eventually(lambda: EventName.FORGED_MESSAGE in producer.noticed)

    assert not producer.handover.is_open


async def test_altered_accept_is_not_believed(newsroom: Newsroom) -> None:
    """Nothing of an item is sent before `accept` verifies."""
    producer = await ready(newsroom, Timings(accept=1.0))
    newsroom.hub.tamper = lambda route, body: [(route, flip(body, 60) if route.exchange == ANSWERS else body)]

    with pytest.raises(HandOverFailed):
        await submit(producer, Source(), Content(DOCUMENT))

    assert newsroom.hub.passed(LANES) == [] or {Frame.decode(b).kind for _, b in newsroom.hub.passed(LANES)} == {
        FrameKind.ABORT
    }


def alter_done(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
    """`done` is the only long answer."""
    return [(route, flip(body, 400) if route.exchange == ANSWERS and len(body) > 1000 else body)]


async def test_altered_done_is_not_believed_but_the_fences_receipt_is(newsroom: Newsroom) -> None:
    producer = await ready(newsroom, Timings(silence=2.5))
    newsroom.hub.tamper = alter_done
    content = Content(b"stored")

    stored = await submit(producer, Source(), content)

    assert EventName.FORGED_MESSAGE in producer.noticed
    assert producer.fence.asked == [stored.receipt.submission_id]
    assert opened(newsroom.stored_file(content.id), newsroom.svs) == b"stored"


async def test_altered_done_without_a_fence_is_not_confirmed(newsroom: Newsroom) -> None:
    producer = await ready(newsroom, Timings(silence=2.5, retry=0.2))
    newsroom.hub.tamper = alter_done
    producer.fence.is_away = True

    with pytest.raises(NotConfirmed) as raised:
        await submit(producer, Source(), Content(b"stored"))

    producer.fence.is_away = False
    assert raised.value.settlement is not None
    settled = await raised.value.settlement
    assert settled is not None


async def test_fence_that_was_first_keeps_a_whole_upload_out(newsroom: Newsroom) -> None:
    """The producer gave up (its page says "not received") while FINISH was still on its way."""
    producer = await ready(newsroom)
    source, content = Source(), Content(DOCUMENT)
    given_up: list[UUID] = []

    def give_up_first(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
        if route.exchange == LANES and Frame.decode(body).kind is FrameKind.FINISH:
            upload_id = Frame.decode(body).upload_id
            newsroom.postgres.sql(f"SELECT * FROM sealdrop.source_give_up('{upload_id}')", newsroom.database)
            given_up.append(upload_id)
        return honest(route, body)

    newsroom.hub.tamper = give_up_first

    with pytest.raises(HandOverFailed):
        await submit(producer, source, content)

    assert given_up
    await nothing_is_left(newsroom, producer)


async def test_forged_answers_of_the_hub_neither_end_nor_complete_an_upload(newsroom: Newsroom) -> None:
    producer = await ready(newsroom)
    hub_key = SigningKey.generate()

    def chatter(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
        if route.exchange != ANSWERS:
            return [(route, body)]
        upload_id = str(next(iter(upload_ids(newsroom)), UUID(int=1)))
        forged: list[dict[str, object]] = [
            {"type": "fail", "upload_id": upload_id, "code": "store"},
            {"type": "credit", "upload_id": upload_id, "taken": 1000},
            {"type": "done", "upload_id": upload_id, "receipt": "", "source_card": None},
        ]
        return [*((route, sign_envelope(hub_key, "answer/v1", each)) for each in forged), (route, body)]

    newsroom.hub.tamper = chatter
    content = Content(DOCUMENT)

    await submit(producer, Source(), content)

    assert EventName.FORGED_MESSAGE in producer.noticed
    assert opened(newsroom.stored_file(content.id), newsroom.svs) == DOCUMENT


async def test_receipt_of_another_submission_is_not_believed(newsroom: Newsroom) -> None:
    """The hub answers with a genuine `done` of an earlier upload, which the same worker signed."""
    producer = await ready(newsroom, Timings(silence=2.5))
    await submit(producer, Source(), Content(b"first"))
    old_done = next(body for _, body in newsroom.hub.passed(ANSWERS) if len(body) > 1000)
    newsroom.hub.tamper = lambda route, body: [
        (route, old_done if route.exchange == ANSWERS and len(body) > 1000 else body)
    ]

    stored = await submit(producer, Source(), Content(b"second"))

    assert producer.fence.asked == [stored.receipt.submission_id]


async def test_source_apis_key_does_not_count_for_replies(newsroom: Newsroom) -> None:
    producer = await ready(newsroom, Timings(accept=1.0))

    with pytest.raises(HandOverFailed):
        await producer.handover.begin(UploadKind.REPLY, Source().id)

    await eventually(lambda: EventName.FORGED_MESSAGE in newsroom.audit_names())
