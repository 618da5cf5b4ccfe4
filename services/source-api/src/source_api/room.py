"""What the routes work with, and what they all do: find the visitor's session, check a small form, set the cookie."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chassis.web.fields import BadForm, read_fields
from fastapi import Request
from starlette.responses import RedirectResponse, Response

from source_api.desk import Desk
from source_api.inbox import Inbox
from source_api.pages import Pages
from source_api.refusals import Reason, Refusal
from source_api.sessions import Session
from source_api.settings import SourceSettings

_FIELD_BYTES: Final = 16 * 1024
_SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Room:
    """The service's parts, as `app.py` put them together."""

    settings: SourceSettings
    pages: Pages
    desk: Desk
    inbox: Inbox
    is_stopping: Callable[[], bool]
    on_refusal: Callable[[], None]

    def session(self, request: Request) -> Session | None:
        """The visitor's living session."""
        return self.desk.sessions.find(request.cookies.get(self.settings.cookie_name))

    def session_or_new(self, request: Request) -> Session:
        """Errors: SessionsFull."""
        return self.session(request) or self.desk.sessions.begin()

    async def fields(self, request: Request, session: Session | None) -> dict[str, str]:
        """A small form of this session. Errors: Refusal."""
        try:
            fields = await read_fields(request, _FIELD_BYTES)
        except BadForm:
            raise Refusal(Reason.MALFORMED) from None
        token = fields.get("csrf_token", "")
        if session is None or self.desk.tokens.form_of(token, session.id) is None:
            raise Refusal(Reason.EXPIRED)
        return fields

    def page(self, template: str, session: Session | None, status: int = 200, **context: object) -> Response:
        """A page; with a session it carries a fresh form token, and its cookie."""
        token = self.desk.tokens.issue(session.id) if session is not None else ""
        logged_in = session is not None and session.is_logged_in
        answer = self.pages.page(template, status, csrf_token=token, logged_in=logged_in, **context)
        return answer if session is None else self.remember(answer, session)

    def remember(self, answer: Response, session: Session) -> Response:
        """Set the session's cookie: for this site only, no script, gone when the browser closes."""
        answer.set_cookie(self.settings.cookie_name, session.id, path="/", httponly=True, samesite="strict")
        return answer

    def forget(self, answer: Response) -> Response:
        """Take the cookie away."""
        answer.delete_cookie(self.settings.cookie_name, path="/", httponly=True, samesite="strict")
        return answer


def see_other(path: str) -> Response:
    """To another page of ours. Never an absolute address: the Host header is not to be believed."""
    return RedirectResponse(path, _SEE_OTHER)
