"""A transfer against a worker that follows a script."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from contract.audit import EventName
from contract.frames import FrameKind
from contract.limits import FRAME_BYTES, MAX_CREDIT_FRAMES, MAX_ITEMS
from contract.messages import Credit, Fail, FailCode, ItemKind, Ping, UploadKind
from handover.errors import HandOverFailed
from handover.transfer import Transfer
from sealing.receipts import ReceiptItem, sign_receipt
from sealing.signing import SigningKey

from tests.unit.handover.conftest import House, accept_only, finished, one_item, send_all, submit
from tests.unit.handover.scripted_worker import Taken


async def test_items_arrive_whole_and_in_order_and_the_receipt_comes_back(house: House) -> None:
    sizes = (1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 20 * FRAME_BYTES)
    payloads = {finished(payload): payload for payload in map(os.urandom, sizes)}
    served = asyncio.create_task(house.worker.serve())

    stored = await submit(house, payloads)

    assert stored.receipt == await served
    assert house.worker.payloads() == list(payloads.values())
    assert house.notices == []


async def test_a_hundred_items_fit_into_one_submission(house: House) -> None:
    payloads = {finished(payload): payload for payload in (os.urandom(10) for _ in range(MAX_ITEMS))}
    served = asyncio.create_task(house.worker.serve())

    stored = await submit(house, payloads)

    assert len(stored.receipt.items) == MAX_ITEMS
    await served


async def test_the_submission_id_is_the_upload_id_and_a_new_source_gets_its_card(house: House) -> None:
    async def serve() -> Taken:
        taken = await house.worker.take()
        await house.worker.accept(taken)
        receipt = house.worker.receipt(taken, await house.worker.receive(taken))
        await house.worker.done(taken, sign_receipt(house.worker.key, receipt), house.worker.card(taken))
        return taken

    served = asyncio.create_task(serve())
    stored = await submit(house, one_item())

    assert stored.receipt.submission_id == (await served).work.upload_id
    assert stored.source_card is not None
    assert stored.source_card.reply_recipient == house.reply_recipient


async def test_a_reply_carries_neither_lookup_id_nor_recipient(house: House) -> None:
    served = asyncio.create_task(house.worker.serve())
    item = finished(b"age file", ItemKind.REPLY)

    async with await house.hand_over.begin(UploadKind.REPLY, house.source_id) as transfer:
        await send_all(transfer, {item: b"age file"})
        stored = await transfer.finish([item])

    assert stored.receipt.items[0].kind == "reply"
    await served


@pytest.mark.parametrize("credit", [1, 2, 8, MAX_CREDIT_FRAMES])
async def test_never_more_frames_are_under_way_than_the_credit(house: House, credit: int) -> None:
    async def stingy() -> None:
        await house.worker.accept(await house.worker.take(), credit)

    served = asyncio.create_task(stingy())
    transfer = await house.begin()
    await served
    await transfer.start_item(ItemKind.FILE, finished(b"x").item_id)
    sending = asyncio.create_task(transfer.send(bytes(100 * FRAME_BYTES)))
    await asyncio.sleep(0.1)

    assert house.broker.depth("handover", "lane.worker-1-0") == credit
    assert not sending.done()
    await transfer.abort()
    with pytest.raises(HandOverFailed):
        await sending


async def test_credit_for_frames_that_were_never_sent_fails_the_upload(house: House) -> None:
    async def generous() -> None:
        taken = await house.worker.take()
        await house.worker.accept(taken, 1)
        await house.worker.answer(taken, Credit(upload_id=taken.work.upload_id, taken=2**40))

    served = asyncio.create_task(generous())
    transfer = await house.begin()
    await served

    await asyncio.wait_for(transfer.failed.wait(), 0.2)  # before silence would fail it
    with pytest.raises(HandOverFailed):
        await transfer.send(b"x")
    assert house.broker.depth("handover", "lane.worker-1-0") == 0
    await transfer.abort()


async def test_nothing_of_an_item_is_sent_before_accept(house: House) -> None:
    beginning = asyncio.create_task(house.begin())
    await house.worker.take()

    await asyncio.sleep(0.05)

    assert house.broker.depth("handover", "lane.worker-1-0") == 0
    with pytest.raises(HandOverFailed):
        await beginning


@pytest.mark.parametrize("lie", [{"work_sha256": "00" * 32}, {"lane": "worker-2-0"}])
async def test_an_accept_for_other_bytes_or_another_workers_lane_is_not_taken(
    house: House, lie: dict[str, Any]
) -> None:
    beginning = asyncio.create_task(house.begin())
    await house.worker.accept(await house.worker.take(), **lie)

    with pytest.raises(HandOverFailed):
        await beginning
    assert house.notices == [EventName.FORGED_MESSAGE]


@pytest.mark.parametrize("signer", ["stranger", "worker-2"])
async def test_an_accept_signed_by_another_is_not_taken(house: House, signer: str) -> None:
    beginning = asyncio.create_task(house.begin())
    taken = await house.worker.take()
    house.worker.key = SigningKey.generate() if signer == "stranger" else house.workers[1].key
    await house.worker.accept(taken)

    with pytest.raises(HandOverFailed):
        await beginning
    assert house.notices == [EventName.FORGED_MESSAGE]


def _other_items(receipt_items: tuple[ReceiptItem, ...], **changes: Any) -> dict[str, Any]:
    return {"items": tuple(replace(item, **changes) for item in receipt_items)}


LIES: dict[str, Callable[[tuple[ReceiptItem, ...]], dict[str, Any]]] = {
    "another submission": lambda _: {"submission_id": finished(b"x").item_id},
    "another source": lambda _: {"source_id": finished(b"x").item_id},
    "another item": lambda items: _other_items(items, item_id=finished(b"x").item_id),
    "another kind": lambda items: _other_items(items, kind="message"),
    "another payload": lambda items: _other_items(items, payload_sha256="00" * 32),
    "another size": lambda items: _other_items(items, size_class=131072),
    "an item twice": lambda items: {"items": items + items},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_receipt_that_does_not_match_is_never_an_acknowledgement(house: House, lie: str) -> None:
    async def liar() -> None:
        taken = await house.worker.take()
        await house.worker.accept(taken)
        honest = house.worker.receipt(taken, await house.worker.receive(taken))
        await house.worker.done(taken, sign_receipt(house.worker.key, replace(honest, **LIES[lie](honest.items))))

    served = asyncio.create_task(liar())

    with pytest.raises(HandOverFailed):
        await submit(house, one_item())
    await served
    assert house.notices == [EventName.RECEIPT_MISMATCH]
    assert len(house.fence.given_up) == 1


async def test_a_done_forged_by_the_hub_is_never_an_acknowledgement(house: House) -> None:
    async def forge() -> None:
        taken = await house.worker.take()
        await house.worker.accept(taken)
        finish = await house.worker.receive(taken)
        house.worker.key = SigningKey.generate()
        await house.worker.done(taken, sign_receipt(house.worker.key, house.worker.receipt(taken, finish)))

    served = asyncio.create_task(forge())

    with pytest.raises(HandOverFailed):
        await submit(house, one_item())
    await served
    assert house.notices == [EventName.FORGED_MESSAGE]


async def test_a_done_before_finish_fails_the_upload(house: House) -> None:
    async def hasty() -> None:
        taken = await house.worker.take()
        await house.worker.accept(taken)
        await house.worker.done(taken, b"a receipt")

    served = asyncio.create_task(hasty())
    transfer = await house.begin()
    await served

    await asyncio.wait_for(transfer.failed.wait(), 0.2)  # before silence would fail it
    await transfer.abort()


async def test_a_silent_worker_is_noticed_while_no_byte_arrives(house: House) -> None:
    accepted = asyncio.create_task(accept_only(house.worker))
    transfer = await house.begin()
    await accepted
    began = asyncio.get_running_loop().time()

    await asyncio.wait_for(transfer.failed.wait(), 3)

    assert 0.4 < asyncio.get_running_loop().time() - began < 1.5
    await transfer.abort()


async def test_a_worker_that_only_pings_is_noticed_too(house: House) -> None:
    accepted = asyncio.create_task(accept_only(house.worker))
    transfer = await house.begin()
    taken = await accepted
    await transfer.start_item(ItemKind.FILE, finished(b"x").item_id)

    async with asyncio.timeout(5):
        while not transfer.failed.is_set():
            await house.worker.answer(taken, Ping(upload_id=transfer.upload_id))
            await asyncio.sleep(0.05)
    await transfer.abort()


async def test_a_quiet_source_is_kept_alive_by_pings_of_both_sides(house: House) -> None:
    payloads = one_item()
    served = asyncio.create_task(house.worker.serve())

    async with await house.begin() as transfer:
        await asyncio.sleep(1.5)  # three times the silence a peer is allowed
        await send_all(transfer, payloads)
        await transfer.finish(list(payloads))

    await served
    assert sum(frame.kind is FrameKind.PING for frame in house.worker.frames) > 5


async def test_fail_ends_the_upload_at_once(house: House) -> None:
    accepted = asyncio.create_task(accept_only(house.worker))
    transfer = await house.begin()
    taken = await accepted
    await house.worker.answer(taken, Fail(upload_id=transfer.upload_id, code=FailCode.STORE))

    await asyncio.wait_for(transfer.failed.wait(), 0.2)

    with pytest.raises(HandOverFailed):
        await transfer.finish([finished(b"x")])
    assert house.fence.given_up == set(), "without FINISH nothing can have been stored"


async def test_leaving_the_block_unfinished_tells_the_worker(house: House) -> None:
    async def expect_abort() -> None:
        taken = await accept_only(house.worker)
        await house.worker.receive(taken, until=FrameKind.ABORT)

    served = asyncio.create_task(expect_abort())

    async with await house.begin() as transfer:
        await transfer.start_item(ItemKind.FILE, finished(b"x").item_id)

    await asyncio.wait_for(served, 1)


async def test_a_lost_connection_fails_the_upload_and_is_never_resumed(house: House) -> None:
    accepted = asyncio.create_task(accept_only(house.worker))
    transfer = await house.begin()
    await accepted

    house.broker.stop()
    house.broker.start()

    await asyncio.wait_for(transfer.failed.wait(), 0.2)
    with pytest.raises(HandOverFailed):
        await transfer.start_item(ItemKind.FILE, finished(b"x").item_id)
    await transfer.abort()


async def test_the_upload_secret_shows_in_no_repr(house: House) -> None:
    accepted = asyncio.create_task(accept_only(house.worker))
    transfer: Transfer = await house.begin()
    await accepted

    assert transfer.secret.raw.hex() not in repr(transfer.__dict__)
    assert repr(transfer.secret) == "UploadSecret(hidden)"
    await transfer.abort()
