"""One post from its first byte to the answer: limits, form token, hand-over, outcome.

Theory: "received" is said only for what `Transfer.finish` returned. A form sent twice is one submission: the second
post of a stored form gets the first one's result, and one that comes while the first is under way takes its place.
docs/protocol.md, steps 1 to 9.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

from contract.messages import UploadKind
from handover.producer import HandOver, HandOverError, NotConfirmed, Offline, Stored, Transfer
from sealing.receipts import receipt_digits
from starlette.types import Message

from source_api.body import Body, ClientGone
from source_api.derivation import Derivation, TooBusy
from source_api.gate import Gate
from source_api.intake import Intake
from source_api.multipart import NotAForm, boundary_of
from source_api.progress import Entry, Stage
from source_api.race import unless
from source_api.refusals import Reason, Refusal
from source_api.sessions import Accepted, FormState, Running, Session, Sessions, Source
from source_api.tokens import FormTokens

_SETTLED_SECONDS: Final = 2.0  #: how long a repeated form waits for the outcome of an unconfirmed one


class Repeated(Exception):
    """This form was stored before; nothing is added."""

    def __init__(self, accepted: Accepted) -> None:
        super().__init__("repeated")
        self.accepted = accepted


@dataclass(slots=True, repr=False)
class Post:
    """One POST of the form. `hint` is the form id the page put into the address, not yet believed."""

    session: Session
    body: Body
    content_type: str | None
    length: int | None
    hint: str | None = None
    circuit: str = ""
    entry: Entry | None = None
    form: FormState | None = None
    running: Running = field(default_factory=Running)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the desk needs to know of the settings and of the service's state."""

    most_bytes: int
    is_open: Callable[[], bool]
    on_stored: Callable[[UUID], None] = lambda _: None  #: told the upload id when the source is answered


class Desk:
    """Takes posts."""

    def __init__(
        self,
        rules: Rules,
        gate: Gate,
        hand_over: HandOver,
        sessions: Sessions,
        tokens: FormTokens,
        derivation: Derivation,
    ) -> None:
        self.rules = rules
        self.sessions = sessions
        self.tokens = tokens
        self._gate = gate
        self._hand_over = hand_over
        self._derivation = derivation

    async def receive(self, post: Post) -> Accepted:
        """Stored. Errors: Refusal, Repeated, ClientGone; after each of them nothing of this post is kept."""
        if post.hint is not None:
            post.entry = post.session.form(post.hint).progress.begin(post.length)
        post.body.on_bytes = lambda count: post.entry.count(count) if post.entry else None
        try:
            accepted = await self._receive(post)
        except Refusal as refusal:
            reason = refusal.reason
            if reason is Reason.SUPERSEDED and post.session.is_over:
                reason = Reason.EXPIRED  # by log-out: no newer sending goes on
            self._note(post, Stage.REFUSED, reason)
            raise Refusal(reason) from None
        except ClientGone:
            self._note(post, Stage.REFUSED, Reason.NOT_RECEIVED)
            raise
        except Repeated:
            self._note(post, Stage.RECEIVED)
            raise
        except Exception:
            # Nobody foresaw it, so nobody knows how far it came; the frame must not stay without an end.
            self._note(post, Stage.REFUSED, Reason.NOT_CONFIRMED)
            raise
        self._note(post, Stage.RECEIVED)
        return accepted

    async def _receive(self, post: Post) -> Accepted:
        if not self.rules.is_open():
            raise Refusal(Reason.CLOSED)
        if post.length is not None and post.length > self.rules.most_bytes:
            raise Refusal(Reason.TOO_LARGE)
        with self._gate.enter(post.circuit):
            post.session.uploads += 1
            try:
                return await self._take(post)
            finally:
                post.session.uploads -= 1
                self.sessions.touch(post.session)
                post.running.is_done.set()
                if post.form is not None and post.form.running is post.running:
                    post.form.running = None

    async def _take(self, post: Post) -> Accepted:
        try:
            boundary = boundary_of(post.content_type)
        except NotAForm:
            raise Refusal(Reason.MALFORMED) from None
        visit = _Visit(self, post)
        try:
            async with Intake(boundary, visit) as intake:
                interruptions = {
                    Reason.SUPERSEDED: post.running.is_superseded.wait(),
                    Reason.NOT_RECEIVED: visit.worker_lost(),
                }
                await unless(self._read(intake, post), interruptions)
                self._note(post, Stage.STORING)
                stored, upload_id, items = await intake.finish()
        except NotConfirmed as error:
            if post.form is not None:
                post.form.settlement = error.settlement
            raise Refusal(Reason.NOT_CONFIRMED) from None
        except Offline:
            raise Refusal(Reason.CLOSED) from None
        except HandOverError:
            raise Refusal(Reason.NOT_RECEIVED) from None
        self.rules.on_stored(upload_id)
        return self._accept(post, stored, items)

    async def _read(self, intake: Intake, post: Post) -> None:
        while not post.body.is_over:
            chunk = await post.body.read()
            if post.body.received > self.rules.most_bytes:
                raise Refusal(Reason.TOO_LARGE)
            await intake.take(chunk)

    def _accept(self, post: Post, stored: Stored, items: int) -> Accepted:
        accepted = Accepted(receipt_digits(stored.receipt_blob), items)
        if post.form is not None:
            post.form.accepted = accepted
        post.session.accepted = accepted
        if post.session.source is not None:
            post.session.source.is_known = True
        return accepted

    @staticmethod
    def _note(post: Post, stage: Stage, reason: Reason | None = None) -> None:
        if post.entry is not None:
            post.entry.note(stage, reason)

    async def check_form(self, post: Post, token: str) -> None:
        """Errors: Refusal, Repeated."""
        form_id = self.tokens.form_of(token, post.session.id)
        if form_id is None:
            raise Refusal(Reason.EXPIRED)
        form = post.session.form(form_id)
        if post.hint != form_id:
            post.entry = form.progress.begin(post.length)
            post.entry.count(post.body.received)
        while form.running is not None or form.settlement is not None:
            if form.running is None:
                await self._settle(post, form)
            else:
                earlier = form.running
                earlier.is_superseded.set()
                await earlier.is_done.wait()
        if post.session.is_over:
            raise Refusal(Reason.EXPIRED)
        if form.accepted is not None:
            raise Repeated(form.accepted)
        post.form, form.running = form, post.running

    async def _settle(self, post: Post, form: FormState) -> None:
        """An earlier post of this form whose outcome was not known. Errors: Refusal while it still is not."""
        settlement = form.settlement
        if settlement is None:
            return
        await asyncio.wait({settlement}, timeout=_SETTLED_SECONDS)
        if form.settlement is not settlement:
            return  # somebody else who waited has taken note of it
        if not settlement.done() or settlement.cancelled() or settlement.exception() is not None:
            raise Refusal(Reason.NOT_CONFIRMED)
        stored, form.settlement = settlement.result(), None
        if stored is not None:
            post.form = form
            self._accept(post, stored, len(stored.receipt.items))
            self.rules.on_stored(stored.receipt.submission_id)

    async def look_again(self, session: Session) -> Reason | None:
        """Takes note of what the fence said meanwhile of unconfirmed posts; the worst of it, if not all is received."""
        reasons = [await self._reason_of(session, form) for form in tuple(session.forms.values()) if form.settlement]
        return max((reason for reason in reasons if reason), key=_is_open_question, default=None)

    async def _reason_of(self, session: Session, form: FormState) -> Reason | None:
        post = Post(session, Body(_nothing), None, None)
        try:
            await self._settle(post, form)
        except Refusal as refusal:
            return refusal.reason
        return None if form.accepted is not None else Reason.NOT_RECEIVED

    async def begin(self, session: Session) -> tuple[Transfer, str]:
        """Open a hand-over for this session's source. Errors: Refusal, HandOverError."""
        source = await self._source_of(session)
        recipient = str(source.keys.identity.recipient)
        transfer = await self._hand_over.begin(
            UploadKind.SUBMISSION, source.source_id, source.keys.lookup_id, recipient
        )
        return transfer, recipient

    async def _source_of(self, session: Session) -> Source:
        """Whoever has no codename gets one now. It stays the session's: a second try is the same source."""
        async with session.identity_lock:
            if session.source is None:
                try:
                    codename, keys = await self._derivation.fresh()
                except TooBusy:
                    raise Refusal(Reason.BUSY) from None
                session.source = Source(keys, uuid4(), codename)
            return session.source


def _is_open_question(reason: Reason) -> bool:
    return reason is Reason.NOT_CONFIRMED


async def _nothing() -> Message:
    """For a look without a request."""
    return {"type": "http.disconnect"}


class _Visit:
    """What intake asks of the desk, for one post."""

    def __init__(self, desk: Desk, post: Post) -> None:
        self._desk = desk
        self._post = post
        self._begun: asyncio.Future[Transfer] = asyncio.get_running_loop().create_future()

    async def on_token(self, token: str) -> None:
        await self._desk.check_form(self._post, token)

    async def begin(self) -> tuple[Transfer, str]:
        transfer, recipient = await self._desk.begin(self._post.session)
        self._begun.set_result(transfer)
        return transfer, recipient

    async def worker_lost(self) -> None:
        """Returns when the hand-over has failed, also while the source sends nothing."""
        transfer = await self._begun
        await transfer.failed.wait()
