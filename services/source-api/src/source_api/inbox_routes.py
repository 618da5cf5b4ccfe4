"""The edge, second half: log in with the codename, read and delete replies, log out."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from source_api.codenames import CodenameFault, Fault, fault_of
from source_api.inbox import SourceGone
from source_api.room import Room, see_other
from source_api.sessions import Session, Source


class InboxRoutes:
    """Everything behind the codename."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def router(self) -> APIRouter:
        router = APIRouter(redirect_slashes=False)
        for path, method, handler in (
            ("/login", "GET", self.login_form),
            ("/login", "POST", self.log_in),
            ("/inbox", "GET", self.inbox),
            ("/inbox/delete", "POST", self.delete_all),
            ("/reply/{item_id}/delete", "POST", self.delete),
            ("/logout", "POST", self.log_out),
        ):
            router.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)
        return router

    async def login_form(self, request: Request) -> Response:
        session = self._room.session_or_new(request)
        if session.is_logged_in:
            return see_other("/inbox")
        return self._login_page(session)

    async def log_in(self, request: Request) -> Response:
        """What is wrong with the words is said before any key is derived; nothing typed is shown again."""
        session = self._room.session(request)
        fields = await self._room.fields(request, session)
        assert session is not None
        codename = fields.get("codename", "")
        fault = fault_of(codename, self._room.inbox.words)
        if fault is not None:
            return self._login_page(session, 400, fault)
        source = await self._room.inbox.log_in(codename)
        if source is None:
            return self._login_page(session, 403, is_unknown=True)
        self._room.desk.sessions.end(session)
        session = self._room.desk.sessions.begin()
        session.source = source
        return self._room.remember(see_other("/inbox"), session)

    async def inbox(self, request: Request) -> Response:
        session = self._room.session(request)
        source = _source_of(session)
        if session is None or source is None:
            return see_other("/login")
        try:
            replies = await self._room.inbox.read(source)
        except SourceGone:
            self._room.desk.sessions.end(session)
            return self._room.forget(self._room.page("gone.html", None))
        shown = ",".join(str(reply.item_id) for reply in replies)
        return self._room.page("inbox.html", session, replies=replies, shown=shown, codename_kept=source.codename)

    async def delete(self, request: Request) -> Response:
        source = await self._allowed(request)
        item_id = _uuid(request.path_params["item_id"])
        if source is not None and item_id is not None:
            await self._room.inbox.delete(source, item_id)
        return see_other("/inbox")

    async def delete_all(self, request: Request) -> Response:
        session = self._room.session(request)
        fields = await self._room.fields(request, session)
        source = _source_of(session)
        shown = [_uuid(text) for text in fields.get("shown", "").split(",")]
        if source is not None:
            await self._room.inbox.delete_all(source, [item_id for item_id in shown if item_id is not None])
        return see_other("/inbox")

    async def log_out(self, request: Request) -> Response:
        session = self._room.session(request)
        await self._room.fields(request, session)
        if session is not None:
            self._room.desk.sessions.end(session)
        return self._room.forget(self._room.page("logged_out.html", None))

    async def _allowed(self, request: Request) -> Source | None:
        """The source, if the request is a form of its own session. Errors: Refusal."""
        session = self._room.session(request)
        await self._room.fields(request, session)
        return _source_of(session)

    def _login_page(
        self, session: Session, status: int = 200, fault: CodenameFault | None = None, *, is_unknown: bool = False
    ) -> Response:
        return self._room.page("login.html", session, status, fault=fault, Fault=Fault, is_unknown=is_unknown)


def _source_of(session: Session | None) -> Source | None:
    """The source the session is logged in as."""
    return session.source if session is not None and session.is_logged_in else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
