"""Posts of which nobody knew at first whether they were stored."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from handover.producer import NotConfirmed, Stored
from source_api.desk import Repeated
from source_api.progress import Stage
from source_api.refusals import Reason

from tests.unit.source_api.fakes import FakeTransfer, forgotten, stored
from tests.unit.source_api.site import Site
from tests.unit.source_api.visits import Visit, Wire, reason_of, soon


async def unsettled(transfer: FakeTransfer, source_id: Any, settled: asyncio.Event, result: bool) -> Stored | None:
    await settled.wait()
    return stored(transfer.upload_id, source_id, transfer.sent) if result else None


async def test_an_unconfirmed_post_is_received_when_the_fence_says_so_later() -> None:
    async with Site() as site:
        visit = Visit(site)
        known = asyncio.Event()
        sent = await visit.send()  # another form first, for a receipt to be found later
        transfer = site.hand_over.transfers[0]
        again = Visit(site)
        settlement = asyncio.create_task(unsettled(transfer, transfer.source_id, known, True))
        site.hand_over.ending = NotConfirmed("?", settlement)

        assert await reason_of(again.send()) is Reason.NOT_CONFIRMED
        assert again.stage == (Stage.REFUSED, Reason.NOT_CONFIRMED)
        assert forgotten(again.session.accepted)
        known.set()
        with pytest.raises(Repeated) as caught:
            await again.send()

        assert caught.value.accepted.receipt_digits == sent.receipt_digits
        assert again.session.is_logged_in
        assert len(site.hand_over.transfers) == 2


async def test_an_unconfirmed_post_is_sent_anew_when_the_fence_says_it_was_not_stored() -> None:
    async with Site() as site:
        visit = Visit(site)
        known = asyncio.Event()
        known.set()
        nothing = asyncio.create_task(unsettled(FakeTransfer(uuid4()), None, known, False))
        site.hand_over.ending = NotConfirmed("?", nothing)
        assert await reason_of(visit.send()) is Reason.NOT_CONFIRMED
        site.hand_over.ending = None

        assert (await visit.send()).items == 1


async def test_a_look_again_tells_unconfirmed_then_received_or_not_received() -> None:
    async with Site() as site:
        visit, other = Visit(site), Visit(site)
        sent = await other.send()
        transfer = site.hand_over.transfers[0]
        for result, expected in ((True, None), (False, Reason.NOT_RECEIVED)):
            known = asyncio.Event()
            form = visit.session.form(str(result))
            form.settlement = asyncio.create_task(unsettled(transfer, transfer.source_id, known, result))

            assert await site.desk.look_again(visit.session) is Reason.NOT_CONFIRMED
            known.set()
            await form.settlement

            assert await site.desk.look_again(visit.session) is expected
            assert await site.desk.look_again(visit.session) is None
        assert visit.session.accepted == sent


async def test_two_posts_that_wait_for_one_outcome_are_never_both_stored() -> None:
    async with Site() as site:
        visit, known = Visit(site), asyncio.Event()
        form = visit.session.form(visit.form_id)
        form.settlement = asyncio.create_task(unsettled(FakeTransfer(uuid4()), None, known, False))
        site.hand_over.is_holding = True
        first, second = asyncio.create_task(visit.send()), asyncio.create_task(visit.send())
        await asyncio.sleep(0.01)
        known.set()
        await soon(lambda: site.hand_over.transfers)
        await asyncio.sleep(0.05)
        for transfer in site.hand_over.transfers:
            transfer.may_finish.set()
        site.hand_over.is_holding = False

        ends = await asyncio.gather(first, second, return_exceptions=True)

        assert sum(transfer.is_finished for transfer in site.hand_over.transfers) == 1
        assert {type(end).__name__ for end in ends} <= {"Accepted", "Repeated", "Refusal"}
        assert form.accepted is not None


async def test_two_looks_at_once_see_the_same_outcome() -> None:
    async with Site() as site:
        visit, known = Visit(site), asyncio.Event()
        await visit.send()
        transfer = site.hand_over.transfers[0]
        visit.session.form("other").settlement = asyncio.create_task(
            unsettled(transfer, transfer.source_id, known, True)
        )
        looks = [asyncio.create_task(site.desk.look_again(visit.session)) for _ in range(2)]
        await asyncio.sleep(0.01)
        visit.session.form("opened meanwhile")
        known.set()

        assert await asyncio.gather(*looks) == [None, None]


async def test_an_outcome_that_broke_stays_unconfirmed() -> None:
    async def broken() -> Stored | None:
        raise TypeError

    async with Site() as site:
        visit = Visit(site)
        visit.session.form(visit.form_id).settlement = asyncio.create_task(broken())

        assert await reason_of(visit.send()) is Reason.NOT_CONFIRMED
        assert await site.desk.look_again(visit.session) is Reason.NOT_CONFIRMED


async def test_a_session_that_ends_before_the_token_arrives_stores_nothing() -> None:
    """It would be stored for a visitor who is gone, and its codename would never be shown."""
    async with Site() as site:
        visit, wire = Visit(site), Wire()
        task = asyncio.create_task(site.desk.receive(visit.post(wire.receive)))
        await asyncio.sleep(0.01)
        site.sessions.end(visit.session)
        wire.say(visit.body(), more=False)

        assert await reason_of(task) is Reason.EXPIRED
        assert not site.hand_over.transfers
        assert forgotten(visit.session.source)
