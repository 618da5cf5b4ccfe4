"""One upload from work message to the last word, on the in-process bus with a vault in memory."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from contract.audit import EventName
from contract.frames import FrameKind
from contract.limits import FILE_CLASS_BYTES
from contract.messages import Accept, Done, Fail, FailCode
from contract.topology import HANDOVER_VHOST, LANES, Route, lane_queue
from crypto_worker.base64_text import from_base64
from sealing.receipts import open_receipt, open_source_card
from sealing.signing import SigningKey

from tests.unit.crypto_worker.posting import SOURCE, flip_bit, post_of
from tests.unit.crypto_worker.stage import WORKER, Stage, on_stage


async def fails_with(stage: Stage, code: FailCode) -> None:
    answer = await stage.answer()
    assert isinstance(answer, Fail)
    assert answer.code is code
    await stage.settled()
    assert stage.vault.pending == {}
    assert stage.vault.stored == {}


async def test_upload_is_stored_and_done_carries_the_signed_receipt_and_card() -> None:
    post = post_of(FILE_CLASS_BYTES, 1_048_576)
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames())
        done = await stage.answer()

        assert isinstance(done, Done)
        receipt = open_receipt(WORKER.verify_key, from_base64(done.receipt))
        assert receipt.submission_id == post.upload_id
        assert [item.item_id for item in receipt.items] == [item.start.item_id for item in post.items]
        assert [item.position for item in receipt.items] == [1, 2]
        card = open_source_card(WORKER.verify_key, from_base64(done.source_card or ""))
        assert (card.source_id, card.reply_recipient) == (UUID(int=7), str(SOURCE.recipient))


async def test_done_waits_for_commit() -> None:
    post = post_of()
    async with on_stage() as stage:
        stage.vault.commit_may_end.clear()
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames())

        with pytest.raises(TimeoutError):
            await stage.answer(seconds=0.2)

        stage.vault.commit_may_end.set()
        assert isinstance(await stage.answer(), Done)


async def test_lane_is_purged_before_accept() -> None:
    post, old = post_of(), post_of()
    async with on_stage(lanes=1) as stage:
        await stage.bus.publish(Route(LANES, "worker-1-0"), b"left behind: not even a frame")
        await stage.send("worker-1-0", *old.frames())

        lane = await stage.begin(post)
        assert stage.broker.depth(HANDOVER_VHOST, lane_queue(lane)) == 0
        await stage.send(lane, *post.frames())
        assert isinstance(await stage.answer(), Done)


async def test_strangers_frames_are_dropped() -> None:
    post, other = post_of(), post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        for own, strange in zip(post.frames(), other.frames(), strict=True):
            await stage.send(lane, strange, own)
        assert isinstance(await stage.answer(), Done)


async def test_strangers_frames_are_no_sign_of_life() -> None:
    post, other = post_of(), post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)

        async def chatter() -> None:
            while True:
                await stage.send(lane, other.frames()[0])
                await asyncio.sleep(0.02)

        chattering = asyncio.create_task(chatter())
        try:
            await fails_with(stage, FailCode.TIMEOUT)
        finally:
            chattering.cancel()


async def test_silence_fails_the_upload_and_discards_it() -> None:
    post = post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames()[:2])

        await fails_with(stage, FailCode.TIMEOUT)
        assert stage.vault.calls[-1] == "discard"


async def test_pings_keep_an_upload_alive() -> None:
    post = post_of()
    ping = post.frame(FrameKind.PING)
    frames = post.numbered([ping] * 5 + [*post.item_frames(), post.finish()])
    async with on_stage() as stage:
        lane = await stage.begin(post)
        for frame in frames:
            await stage.send(lane, frame)
            await asyncio.sleep(0.1)
        assert isinstance(await stage.answer(), Done)


async def test_altered_frame_fails_the_upload_and_is_reported() -> None:
    post = post_of()
    frames = post.frames()
    frames[1] = replace(frames[1], body=flip_bit(frames[1].body))
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *frames)

        await fails_with(stage, FailCode.BROKEN)
        assert stage.audit.names == [EventName.FORGED_MESSAGE]


async def test_something_that_is_no_frame_fails_the_upload() -> None:
    post = post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.bus.publish(Route(LANES, lane), b"noise")

        await fails_with(stage, FailCode.BROKEN)


async def test_abort_discards_without_an_answer() -> None:
    post = post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *post.numbered([*post.item_frames(), post.frame(FrameKind.ABORT)]))
        await stage.settled()

        assert stage.vault.pending == {}
        with pytest.raises(TimeoutError):
            await stage.answer(seconds=0.1)


@pytest.mark.parametrize("step", ["begin_item", "write", "commit"])
async def test_failing_vault_fails_the_upload_and_is_reported(step: str) -> None:
    post = post_of()
    async with on_stage() as stage:
        stage.vault.failing.add(step)
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames())

        await fails_with(stage, FailCode.STORE)
        assert stage.audit.names == [EventName.STORE_FAILED]
        assert stage.vault.calls[-1] == "discard"


async def test_vault_that_does_not_open_fails_the_upload_before_accept() -> None:
    post = post_of()
    async with on_stage() as stage:
        stage.vault.failing.add("open")
        await stage.ask(post)

        await fails_with(stage, FailCode.STORE)


async def test_commit_without_an_answer_says_nothing() -> None:
    post = post_of()
    async with on_stage() as stage:
        stage.vault.failing.add("commit_answer")
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames())
        await stage.settled()

        with pytest.raises(TimeoutError):
            await stage.answer(seconds=0.1)
        assert post.upload_id in stage.vault.stored


async def test_interruption_while_frames_come_fails_the_upload_at_once() -> None:
    post = post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames()[:1])
        await asyncio.sleep(0.05)

        stage.desk.interrupt_all(FailCode.STORE)
        await fails_with(stage, FailCode.STORE)


async def test_interruption_during_commit_comes_too_late() -> None:
    post = post_of()
    async with on_stage() as stage:
        stage.vault.commit_may_end.clear()
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames())
        await stage.vault.committing.wait()

        stage.desk.interrupt_all(FailCode.STOPPING)
        stage.vault.commit_may_end.set()
        assert isinstance(await stage.answer(), Done)


async def test_closing_fails_what_is_under_way_and_refuses_what_comes() -> None:
    first, second = post_of(), post_of()
    async with on_stage() as stage:
        await stage.begin(first)
        closing = asyncio.create_task(stage.desk.close())
        await fails_with(stage, FailCode.STOPPING)
        await closing

        await stage.ask(second)
        await fails_with(stage, FailCode.STOPPING)
        assert stage.desk.capacity() is None


async def test_full_worker_says_busy_and_has_room_again_afterwards() -> None:
    posts = [post_of() for _ in range(3)]
    async with on_stage(lanes=1) as stage:
        lane = await stage.begin(posts[0])
        assert stage.desk.capacity() == 0
        await stage.ask(posts[1])
        busy = await stage.answer()
        assert isinstance(busy, Fail)
        assert busy.code is FailCode.BUSY

        await stage.send(lane, *posts[0].frames())
        assert isinstance(await stage.answer(), Done)
        await stage.settled()
        assert await stage.begin(posts[2]) == lane


async def test_worker_without_a_hold_on_the_vault_takes_nothing_and_is_silent() -> None:
    async with on_stage() as stage:
        stage.can_store = False
        assert stage.desk.capacity() is None
        await stage.ask(post_of())

        await fails_with(stage, FailCode.STORE)


async def test_forged_work_gets_no_answer_and_is_reported() -> None:
    async with on_stage() as stage:
        await stage.ask(post_of(), SigningKey.generate())

        with pytest.raises(TimeoutError):
            await stage.answer(seconds=0.1)
        assert stage.audit.names == [EventName.FORGED_MESSAGE]


async def test_replayed_work_does_not_disturb_the_upload_it_began() -> None:
    post = post_of()
    async with on_stage() as stage:
        work = stage.work(post)
        await stage.bus.publish(Route("work", "worker-1"), work)
        accept = await stage.answer()
        assert isinstance(accept, Accept)
        await stage.bus.publish(Route("work", "worker-1"), work)
        await stage.send(accept.lane, *post.frames())

        assert isinstance(await stage.answer(), Done)
        assert stage.audit.names == [EventName.FORGED_MESSAGE]


async def test_lost_broker_fails_the_upload_and_discards_it() -> None:
    post = post_of()
    async with on_stage() as stage:
        lane = await stage.begin(post)
        await stage.send(lane, *post.frames()[:2])
        await asyncio.sleep(0.05)

        stage.broker.stop()
        await stage.settled()
        assert stage.vault.pending == {}
        assert stage.vault.stored == {}
