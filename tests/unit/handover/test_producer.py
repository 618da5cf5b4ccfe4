"""Beginning uploads: who is asked, and what is refused before a byte is sent."""

import asyncio
import os
from collections.abc import Iterable

import pytest
from chassis.inprocess import unchanged
from contract.audit import EventName
from contract.messages import Fail, FailCode
from contract.topology import ANSWERS, Route, answers_queue
from handover.errors import HandOverFailed, Offline
from handover.stored import Stored

from tests.unit.handover.conftest import House, finished, send_all


async def submit(house: House, payload: bytes) -> Stored:
    item = finished(payload)
    async with await house.begin() as transfer:
        await send_all(transfer, {item: payload})
        return await transfer.finish([item])


async def test_without_a_live_worker_it_is_offline(house: House) -> None:
    house.broker.stop()
    await asyncio.sleep(0.01)

    assert not house.hand_over.is_open
    with pytest.raises(Offline):
        await house.begin()


async def test_a_blocked_broker_means_offline_at_once(house: House) -> None:
    house.broker.is_blocked = True

    with pytest.raises(Offline):
        await house.begin()


async def test_a_worker_that_is_busy_is_passed_over_for_another(house: House) -> None:
    await house.workers[1].announce(capacity=8)
    await asyncio.sleep(0.02)

    async def busy() -> None:
        taken = await house.worker.take()
        await house.worker.answer(taken, Fail(upload_id=taken.work.upload_id, code=FailCode.BUSY))

    refusing = asyncio.create_task(busy())
    served = asyncio.create_task(house.workers[1].serve())

    stored = await submit(house, b"payload")

    assert stored.receipt == await served
    refusing.cancel()


async def test_when_every_worker_declines_nothing_was_stored(house: House) -> None:
    async def busy() -> None:
        taken = await house.worker.take()
        await house.worker.answer(taken, Fail(upload_id=taken.work.upload_id, code=FailCode.REFUSED))

    refusing = asyncio.create_task(busy())

    with pytest.raises(HandOverFailed):
        await house.begin()
    await refusing


async def test_several_workers_serve_side_by_side(house: House) -> None:
    await house.workers[1].announce()
    await asyncio.sleep(0.02)

    async def keep_serving(number: int) -> None:
        while True:
            await house.workers[number].serve()
            house.workers[number].frames.clear()

    serving = [asyncio.create_task(keep_serving(number)) for number in range(2)]
    workers = set()
    for _ in range(12):
        stored = await submit(house, os.urandom(600_000))
        workers.add(stored.receipt.worker)

    for task in serving:
        task.cancel()
    assert workers == {worker.key.verify_key.hex for worker in house.workers}


async def test_a_work_message_does_not_show_what_it_carries(house: House) -> None:
    beginning = asyncio.create_task(house.begin())
    taken = await house.worker.take()

    for secret in (taken.sealed.upload_secret, str(house.source_id), house.reply_recipient):
        assert secret.encode() not in taken.blob
    with pytest.raises(HandOverFailed):
        await beginning


def flipped(body: bytes) -> bytes:
    """One bit in the middle."""
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


async def test_one_bit_flipped_in_any_answer_is_never_an_acknowledgement(house: House) -> None:
    def hop(queue: str, body: bytes) -> Iterable[bytes]:
        return (flipped(body),) if queue.startswith("answers") else (body,)

    house.broker.hop = hop
    served = asyncio.create_task(house.worker.serve())

    with pytest.raises(HandOverFailed):
        await submit(house, b"payload")
    served.cancel()
    assert EventName.FORGED_MESSAGE in house.notices


async def test_repeated_answers_change_nothing(house: House) -> None:
    def hop(queue: str, body: bytes) -> Iterable[bytes]:
        return (body, body, body) if queue.startswith("answers") else (body,)

    house.broker.hop = hop
    served = asyncio.create_task(house.worker.serve())

    stored = await submit(house, os.urandom(3_000_000))

    assert stored.receipt == await served


async def test_answers_of_a_past_upload_do_not_reach_the_next(house: House) -> None:
    recorded: list[bytes] = []

    def record(queue: str, body: bytes) -> Iterable[bytes]:
        if queue.startswith("answers"):
            recorded.append(body)
        return (body,)

    house.broker.hop = record
    served = asyncio.create_task(house.worker.serve())
    await submit(house, b"payload")
    await served
    house.broker.hop = unchanged

    beginning = asyncio.create_task(house.begin())
    await asyncio.sleep(0.02)
    for answer in recorded:
        await house.worker.bus.publish(Route(ANSWERS, "source-1"), answer)

    with pytest.raises(HandOverFailed):
        await beginning


async def test_garbage_on_the_answers_queue_harms_nobody(house: House) -> None:
    for garbage in (b"", b"null", b"\xff" * 1000):
        await house.worker.bus.publish(Route(ANSWERS, "source-1"), garbage)
    served = asyncio.create_task(house.worker.serve())

    stored = await submit(house, b"payload")

    assert stored.receipt == await served
    assert house.broker.depth("handover", answers_queue("source-1")) == 0
