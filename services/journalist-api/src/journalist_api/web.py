"""The web application: routes, and around them what no route can forget."""

from collections.abc import Callable

from chassis.postgres import DatabaseError
from chassis.web.errors import LastResort, install
from chassis.web.headers import HeaderList, SecurityHeaders, security_headers
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from journalist_api.bodies import BodyLimit
from journalist_api.errors import ApiError, Problem, error_response, problem_of
from journalist_api.guard import API, Guard
from journalist_api.room import Room
from journalist_api.routes import PREFIX, build
from journalist_api.spa import SpaFile, routes

PAGE: dict[str, str] = {
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
DATA: dict[str, str] = {"sandbox": "allow-downloads"}


def make(room: Room, files: list[SpaFile], demo: bool, on_error: Callable[[BaseException], None]) -> ASGIApp:
    """The whole application. `on_error` is told of errors nobody expected."""
    openapi_url = f"{PREFIX}/openapi.json" if demo else None
    app = FastAPI(title="Sealdrop for journalists", docs_url=None, redoc_url=None, openapi_url=openapi_url)
    app.router.redirect_slashes = False
    app.include_router(build(room))
    app.router.routes.extend(routes(files))
    install(app, page)
    app.add_exception_handler(ApiError, _on_api_error)
    app.add_exception_handler(DatabaseError, _on_database_error)
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard, find_session=room.store.session)
    return SecurityHeaders(LastResort(app, page, on_error), policy, kept=(b"etag",))


def page(status: int) -> Response:
    """The answer to an error of the framework's, or of nobody's."""
    return error_response(problem_of(status))


def policy(_: str, path: str) -> HeaderList:
    """Data is never rendered; pages run our own script and style, and nothing else."""
    return security_headers(DATA if path.startswith(API) else PAGE)


async def _on_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error.problem, dict(error.headers or {}))


async def _on_database_error(_: Request, __: Exception) -> Response:
    return error_response(Problem.UNAVAILABLE)
