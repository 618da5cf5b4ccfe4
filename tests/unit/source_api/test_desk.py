"""One post from first byte to answer: what is told, and what becomes of the hand-over."""

import asyncio
from typing import Any

import pytest
from handover.producer import HandOverFailed
from source_api.body import ClientGone
from source_api.desk import Repeated
from source_api.progress import Stage
from source_api.refusals import Reason

from tests.unit.source_api.fakes import receive_of
from tests.unit.source_api.site import MOST_BYTES, Site
from tests.unit.source_api.visits import Visit, Wire, reason_of, soon


async def test_what_is_stored_is_accepted_and_the_status_frame_says_so() -> None:
    async with Site() as site:
        visit = Visit(site)

        accepted = await visit.send()

        assert accepted.items == 1
        assert visit.stage == (Stage.RECEIVED, None)
        assert visit.session.accepted == accepted
        assert visit.session.is_logged_in
        assert site.hand_over.transfers[0].is_finished


async def test_a_post_without_a_hint_finds_its_progress_by_its_token() -> None:
    async with Site() as site:
        visit = Visit(site)

        await visit.send(hint=None)

        assert visit.stage == (Stage.RECEIVED, None)


async def test_the_same_form_again_gets_the_first_result_and_stores_nothing() -> None:
    async with Site() as site:
        visit = Visit(site)
        accepted = await visit.send()

        with pytest.raises(Repeated) as caught:
            await visit.send(b"other")

        assert caught.value.accepted == accepted
        assert len(site.hand_over.transfers) == 1
        assert visit.stage == (Stage.RECEIVED, None)


async def test_the_same_form_while_the_first_is_under_way_takes_its_place() -> None:
    async with Site() as site:
        visit = Visit(site)
        _, first = visit.begin()
        await soon(lambda: site.hand_over.transfers)

        accepted = await visit.send(b"second")

        assert await reason_of(first) is Reason.SUPERSEDED
        assert site.hand_over.transfers[0].is_aborted
        assert site.hand_over.transfers[1].is_finished
        assert visit.session.accepted == accepted
        assert visit.stage == (Stage.RECEIVED, None)


async def test_the_same_form_while_the_first_is_being_stored_waits_and_gets_its_result() -> None:
    async with Site() as site:
        visit = Visit(site)
        site.hand_over.is_holding = True
        first = asyncio.create_task(visit.send())
        await soon(lambda: visit.stage[0] is Stage.STORING)

        second = asyncio.create_task(visit.send(b"second"))
        await asyncio.sleep(0.02)
        site.hand_over.transfers[0].may_finish.set()

        with pytest.raises(Repeated):
            await second
        assert (await first).items == 1
        assert len(site.hand_over.transfers) == 1


async def test_two_forms_of_one_session_go_side_by_side_as_one_source() -> None:
    async with Site() as site:
        one = Visit(site)
        two = Visit(site)
        two.session = one.session
        two.token = site.desk.tokens.issue(one.session.id)

        await asyncio.gather(one.send(), two.send(hint=None))

        assert len({source_id for source_id, _, _ in site.hand_over.bindings}) == 1
        assert all(transfer.is_finished for transfer in site.hand_over.transfers)


async def test_a_worker_lost_while_the_source_sends_nothing_ends_the_post_at_once() -> None:
    async with Site() as site:
        visit = Visit(site)
        _, post = visit.begin()
        await soon(lambda: site.hand_over.transfers)

        site.hand_over.transfers[0].failed.set()

        assert await reason_of(asyncio.wait_for(post, 1)) is Reason.NOT_RECEIVED
        assert visit.stage == (Stage.REFUSED, Reason.NOT_RECEIVED)
        assert site.hand_over.transfers[0].is_aborted
        assert visit.session.uploads == 0


async def test_a_source_that_hangs_up_leaves_nothing() -> None:
    async with Site() as site:
        visit = Visit(site)
        wire, post = visit.begin()
        await soon(lambda: site.hand_over.transfers)

        wire.hang_up()

        with pytest.raises(ClientGone):
            await post
        assert site.hand_over.transfers[0].is_aborted
        assert not visit.session.is_logged_in


async def test_a_second_try_is_the_same_source_with_the_same_codename() -> None:
    async with Site() as site:
        visit = Visit(site)
        site.hand_over.ending = HandOverFailed("x")
        assert await reason_of(visit.send()) is Reason.NOT_RECEIVED
        assert not visit.session.is_logged_in
        site.hand_over.ending = None

        await visit.send()

        assert len(set(site.hand_over.bindings)) == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"length": MOST_BYTES + 1}, Reason.TOO_LARGE),
        ({"content_type": "text/plain"}, Reason.MALFORMED),
    ],
)
async def test_what_cannot_be_taken_is_refused_before_a_byte_is_read(changed: dict[str, Any], reason: Reason) -> None:
    async with Site() as site:
        visit = Visit(site)
        post = visit.post(receive_of())
        for name, value in changed.items():
            setattr(post, name, value)

        assert await reason_of(site.desk.receive(post)) is reason

        assert visit.stage == (Stage.REFUSED, reason)
        assert post.body.received == 0


async def test_without_a_worker_nothing_is_read() -> None:
    async with Site() as site:
        visit = Visit(site)
        site.hand_over.is_open = False

        assert await reason_of(visit.send()) is Reason.CLOSED

        assert visit.stage == (Stage.REFUSED, Reason.CLOSED)


async def test_an_error_nobody_foresaw_ends_the_status_frame_and_claims_nothing() -> None:
    async with Site() as site:
        visit = Visit(site)
        site.hand_over.ending = RuntimeError()

        with pytest.raises(RuntimeError):
            await visit.send()

        assert visit.stage == (Stage.REFUSED, Reason.NOT_CONFIRMED)
        assert visit.session.uploads == 0


async def test_a_worker_that_goes_between_look_and_begin_is_not_open() -> None:
    async with Site() as site:
        visit = Visit(site)
        wire = Wire()
        post = asyncio.create_task(site.desk.receive(visit.post(wire.receive)))
        await asyncio.sleep(0)
        site.hand_over.is_open = False
        wire.say(visit.body(), more=False)

        assert await reason_of(post) is Reason.CLOSED


async def test_a_third_upload_on_one_circuit_has_to_wait() -> None:
    async with Site() as site:
        visits = [Visit(site) for _ in range(3)]
        started = [visit.begin(circuit="c") for visit in visits[:2]]
        await soon(lambda: len(site.hand_over.transfers) == 2)

        assert await reason_of(visits[2].send(circuit="c")) is Reason.BUSY
        assert (await visits[2].send(circuit="d")).items == 1

        for wire, post in started:
            wire.hang_up()
            with pytest.raises(ClientGone):
                await post


async def test_a_session_ended_during_an_upload_ends_the_upload() -> None:
    async with Site() as site:
        visit = Visit(site)
        _, post = visit.begin()
        await soon(lambda: site.hand_over.transfers)

        site.sessions.end(visit.session)

        assert await reason_of(post) is Reason.EXPIRED
        assert site.hand_over.transfers[0].is_aborted
