"""One post from first byte to answer: what is told, and what becomes of the hand-over."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from handover.producer import HandOverFailed, NotConfirmed, Stored
from source_api.body import Body, ClientGone
from source_api.desk import Post, Repeated
from source_api.progress import Stage
from source_api.refusals import Reason, Refusal
from source_api.sessions import Accepted, Session

from tests.unit.source_api.fakes import BOUNDARY, FakeTransfer, forgotten, multipart, receive_of, stored
from tests.unit.source_api.site import MOST_BYTES, Site

TYPE = "multipart/form-data; boundary=" + BOUNDARY.decode()


class Wire:
    """A connection the test feeds by hand."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def say(self, chunk: bytes, more: bool = True) -> None:
        self._queue.put_nowait({"type": "http.request", "body": chunk, "more_body": more})

    def hang_up(self) -> None:
        self._queue.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> dict[str, Any]:
        return await self._queue.get()


class Visit:
    """One session with one form, posted as often as wanted."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.session: Session = site.sessions.begin()
        self.token = site.desk.tokens.issue(self.session.id)
        form_id = site.desk.tokens.form_of(self.token, self.session.id)
        assert form_id is not None
        self.form_id = form_id

    def body(self, message: bytes = b"hello") -> bytes:
        return multipart(("csrf_token", None, self.token.encode()), ("message", None, message), ("files", "", b""))

    def post(self, receive: Any, **changed: Any) -> Post:
        return Post(self.session, Body(receive), TYPE, **{"length": None, "hint": self.form_id, **changed})

    async def send(self, message: bytes = b"hello", **changed: Any) -> Accepted:
        return await self.site.desk.receive(self.post(receive_of(self.body(message)), **changed))

    def begin(self, **changed: Any) -> tuple[Wire, "asyncio.Task[Accepted]"]:
        """A post that has sent its message and goes on."""
        wire = Wire()
        wire.say(self.body()[:-10])
        return wire, asyncio.create_task(self.site.desk.receive(self.post(wire.receive, **changed)))

    @property
    def stage(self) -> tuple[Stage, Reason | None]:
        snapshot = self.session.form(self.form_id).progress.snapshot
        return snapshot.stage, snapshot.reason


async def reason_of(awaitable: Any) -> Reason:
    with pytest.raises(Refusal) as caught:
        await awaitable
    return caught.value.reason


async def soon(is_so: Any) -> None:
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110  # another task changes it
            await asyncio.sleep(0.001)


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


async def test_a_session_ended_during_an_upload_ends_the_upload() -> None:
    async with Site() as site:
        visit = Visit(site)
        _, post = visit.begin()
        await soon(lambda: site.hand_over.transfers)

        site.sessions.end(visit.session)

        assert await reason_of(post) is Reason.SUPERSEDED
        assert site.hand_over.transfers[0].is_aborted


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
