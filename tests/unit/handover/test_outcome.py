"""What a source is told when the worker's last word is lost: the outcome fence decides."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from contract.audit import EventName
from handover.errors import HandOverFailed, NotConfirmed
from sealing.receipts import sign_receipt

from tests.unit.handover.conftest import House, accept_only, finished, one_item, submit


async def _stored_but_silent(house: House) -> None:
    """The worker commits, and its `done` is lost."""
    taken = await accept_only(house.worker)
    receipt = house.worker.receipt(taken, await house.worker.receive(taken))
    house.fence.stored[taken.work.upload_id] = sign_receipt(house.worker.key, receipt)


async def test_a_lost_done_is_success_after_all_when_stored_won(house: House) -> None:
    served = asyncio.create_task(_stored_but_silent(house))

    stored = await submit(house, one_item())

    await served
    assert stored.receipt_blob == house.fence.stored[stored.receipt.submission_id]


async def test_a_lost_done_is_a_failure_when_given_up_won(house: House) -> None:
    async def silent() -> None:
        await house.worker.receive(await accept_only(house.worker))

    served = asyncio.create_task(silent())

    with pytest.raises(HandOverFailed):
        await submit(house, one_item())
    await served
    assert len(house.fence.given_up) == 1


async def test_a_fence_out_of_reach_is_not_confirmed_and_settled_later(house: House) -> None:
    house.fence.is_away = True
    served = asyncio.create_task(_stored_but_silent(house))

    with pytest.raises(NotConfirmed) as caught:
        await submit(house, one_item())
    await served
    house.fence.is_away = False

    assert caught.value.settlement is not None
    stored = await asyncio.wait_for(caught.value.settlement, 1)
    assert stored is not None
    assert stored.receipt.submission_id in house.fence.stored


async def test_a_stored_receipt_of_something_else_is_never_an_acknowledgement(house: House) -> None:
    async def wrong() -> None:
        taken = await accept_only(house.worker)
        receipt = house.worker.receipt(taken, await house.worker.receive(taken), source_id=finished(b"x").item_id)
        house.fence.stored[taken.work.upload_id] = sign_receipt(house.worker.key, receipt)

    served = asyncio.create_task(wrong())

    with pytest.raises(NotConfirmed) as caught:
        await submit(house, one_item())
    await served
    assert caught.value.settlement is None
    assert house.notices == [EventName.RECEIPT_MISMATCH]


async def test_something_else_found_stored_later_is_never_called_not_received(house: House) -> None:
    house.fence.is_away = True

    async def wrong() -> None:
        taken = await accept_only(house.worker)
        receipt = house.worker.receipt(taken, await house.worker.receive(taken), source_id=finished(b"x").item_id)
        house.fence.stored[taken.work.upload_id] = sign_receipt(house.worker.key, receipt)

    served = asyncio.create_task(wrong())
    with pytest.raises(NotConfirmed) as caught:
        await submit(house, one_item())
    await served
    house.fence.is_away = False

    assert caught.value.settlement is not None
    with pytest.raises(NotConfirmed):
        await asyncio.wait_for(caught.value.settlement, 1)


async def _cancel(transfer_task: Awaitable[Any]) -> None:
    with pytest.raises(asyncio.CancelledError):
        await transfer_task


async def test_a_sender_cancelled_while_it_waits_for_done_still_settles_the_outcome(house: House) -> None:
    async def silent() -> None:
        await house.worker.receive(await accept_only(house.worker))

    served = asyncio.create_task(silent())
    submitting = asyncio.create_task(submit(house, one_item()))
    await served
    submitting.cancel()

    await _cancel(submitting)

    await asyncio.wait_for(house.fence.asked.wait(), 1)
    assert len(house.fence.given_up) == 1


async def test_a_sender_cancelled_while_the_fence_is_asked_still_settles_the_outcome(house: House) -> None:
    async def silent() -> None:
        await house.worker.receive(await accept_only(house.worker))

    house.fence.may_answer.clear()
    served = asyncio.create_task(silent())
    submitting = asyncio.create_task(submit(house, one_item()))
    await served
    await asyncio.wait_for(house.fence.asked.wait(), 1)
    house.fence.asked.clear()
    submitting.cancel()

    await _cancel(submitting)
    house.fence.may_answer.set()

    await asyncio.wait_for(house.fence.asked.wait(), 1)
    await asyncio.sleep(0)
    assert len(house.fence.given_up) == 1
