"""The web application: routes, and around them what no route can forget."""

from collections.abc import Callable
from typing import Final

from chassis.postgres import DatabaseError
from chassis.web.errors import LastResort, install
from chassis.web.headers import SecurityHeaders
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from source_api.derivation import TooBusy
from source_api.headers import headers_for
from source_api.inbox import Untrusted
from source_api.inbox_routes import InboxRoutes
from source_api.refusals import Reason, Refusal
from source_api.room import Room
from source_api.routes import SubmitRoutes
from source_api.sessions import SessionsFull

_REASONS: Final[dict[type[Exception], Reason]] = {TooBusy: Reason.BUSY, SessionsFull: Reason.BUSY}


def make(room: Room, on_error: Callable[[BaseException], None]) -> ASGIApp:
    """The whole application. `on_error` is told of errors nobody expected."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.redirect_slashes = False
    app.include_router(SubmitRoutes(room).router())
    app.include_router(InboxRoutes(room).router())
    install(app, room.pages.error)

    async def on_refusal(_: Request, error: Exception) -> Response:
        return room.pages.refusal(error.reason if isinstance(error, Refusal) else _REASONS[type(error)])

    async def on_failure(_: Request, error: Exception) -> Response:
        on_error(error)
        return room.pages.error(503)

    refused: tuple[type[Exception], ...] = (Refusal, *_REASONS)
    for kind in refused:
        app.add_exception_handler(kind, on_refusal)
    for failure in (DatabaseError, Untrusted):
        app.add_exception_handler(failure, on_failure)
    return SecurityHeaders(LastResort(app, room.pages.error, on_error), headers_for)
