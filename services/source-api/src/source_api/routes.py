"""The edge, first half: what a visitor sees, the form, its two frames, and the page after it. Errors become pages."""

import re
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from source_api.body import Body, ClientGone
from source_api.desk import Post, Repeated
from source_api.refusals import Reason, Refusal
from source_api.room import Room, see_other
from source_api.status import Watch, status_page

_FORM_ID: Final = re.compile(r"[0-9a-f]{32}")
_SECONDS_PER_MINUTE: Final = 60
_LENGTH_DIGITS: Final = 20  #: of 64 bits, which the server has checked; int() refuses thousands of leading zeros


class SubmitRoutes:
    """Landing, form, answer, progress, receipt."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def router(self) -> APIRouter:
        router = APIRouter(redirect_slashes=False)
        for path, method, handler in (
            ("/", "GET", self.landing),
            ("/style.css", "GET", self.style),
            ("/submit", "GET", self.form),
            ("/submit", "POST", self.send),
            ("/status", "GET", self.status),
            ("/sent", "GET", self.sent),
            ("/sent", "POST", self.written_down),
        ):
            router.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)
        return router

    async def landing(self, request: Request) -> Response:
        session = self._room.session(request)
        return self._room.page("landing.html", session, is_open=self._room.desk.rules.is_open())

    async def style(self, request: Request) -> Response:
        return Response(self._room.pages.style, media_type="text/css")

    async def form(self, request: Request) -> Response:
        if not self._room.desk.rules.is_open():
            return self._room.page("closed.html", self._room.session(request), 503)
        session = self._room.session_or_new(request)
        token = self._room.desk.tokens.issue(session.id)
        form_id = self._room.desk.tokens.form_of(token, session.id)
        return self._room.page("submit.html", session, form_token=token, form_id=form_id)

    async def send(self, request: Request) -> Response:
        """The multipart post. What is left of a refused one is read and dropped, so that browsers show the answer."""
        body = Body(request.receive)
        try:
            answer = await self._receive(request, body)
            if body.received == 0 and "expect" in request.headers:
                is_whole = body.is_over  # the sender waits for our word: answer at once
            else:
                settings = self._room.settings
                is_whole = await body.drop(settings.drain_most_bytes, settings.drain_bytes_per_second)
        except ClientGone:
            return Response(status_code=400)  # nobody reads it
        if not is_whole:
            answer.headers["connection"] = "close"
        return answer

    async def _receive(self, request: Request, body: Body) -> Response:
        """Errors: ClientGone."""
        session = self._room.session(request)
        try:
            if session is None:
                raise Refusal(Reason.EXPIRED if self._room.desk.rules.is_open() else Reason.CLOSED)
            hint = request.query_params.get("form", "")
            length = request.headers.get("content-length", "")
            post = Post(
                session,
                body,
                request.headers.get("content-type"),
                int(length[-_LENGTH_DIGITS:]) if length.isdecimal() else None,
                hint=hint if _FORM_ID.fullmatch(hint) else None,
                circuit=str(request.scope.get("state", {}).get("circuit", "")),
            )
            accepted = await self._room.desk.receive(post)
        except Refusal as refusal:
            self._room.on_refusal()
            return self._room.pages.refusal(refusal.reason)
        except Repeated as repeated:
            return self._room.page("answer.html", session, accepted=repeated.accepted, is_repeated=True)
        return self._room.page("answer.html", session, accepted=accepted, is_repeated=False)

    async def status(self, request: Request) -> Response:
        """The progress frame. It does not count as use of the session: a forgotten tab keeps nothing alive."""
        session = self._room.session(request)
        form_id = request.query_params.get("form", "")
        if session is None or not _FORM_ID.fullmatch(form_id):
            return self._room.pages.refusal(Reason.EXPIRED)
        watch = Watch(
            session.form(form_id).progress,
            self._room.desk.rules.is_open,
            self._room.is_stopping,
            self._room.settings.idle_minutes * _SECONDS_PER_MINUTE,
        )
        pieces = status_page(self._room.pages, watch, form_id)
        return StreamingResponse(pieces, media_type="text/html; charset=utf-8")

    async def sent(self, request: Request) -> Response:
        session = self._room.session(request)
        reason = await self._room.desk.look_again(session) if session is not None else None
        if reason is not None:
            return self._room.pages.refusal(reason)
        if session is None or session.accepted is None:
            return see_other("/submit")
        codename = session.source.codename if session.source is not None else None
        words = codename.split() if codename is not None else None
        return self._room.page("sent.html", session, accepted=session.accepted, words=words)

    async def written_down(self, request: Request) -> Response:
        """The codename leaves our memory; the source's keys stay until the session ends."""
        session = self._room.session(request)
        await self._room.fields(request, session)
        if session is not None and session.source is not None and session.source.is_known:
            session.source.codename = None
        return see_other("/sent")
