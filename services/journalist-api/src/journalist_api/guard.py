"""Default deny: every request below /api/ needs a session unless it is on the short public list. Pure ASGI.

Theory: whether a route may be reached is not left to the route. The guard runs before any of them, also for paths that
do not exist, and puts the caller into the request's state.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from chassis.postgres import DatabaseError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from journalist_api.errors import ApiError, Problem, error_response
from journalist_api.sessions import Caller, Journalist, is_csrf_safe, presented

API: Final = "/api/"
PUBLIC: Final = frozenset({("POST", "/api/v1/login")})
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
OWN_SITE: Final = frozenset({b"same-origin", b"none"})

FindSession = Callable[[bytes], Awaitable[Journalist | None]]  #: by the token's SHA-256


class Guard:
    """Lets nobody through without a session, and nothing that another site made the browser send."""

    def __init__(self, app: ASGIApp, find_session: FindSession) -> None:
        self._app = app
        self._find_session = find_session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        try:
            await self._admit(scope)
        except ApiError as error:
            await error_response(error.problem)(scope, receive, send)
        except DatabaseError:
            await error_response(Problem.UNAVAILABLE)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        is_safe = scope["method"] in SAFE_METHODS
        if not is_safe and headers.get(b"sec-fetch-site", b"none") not in OWN_SITE:
            raise ApiError(Problem.FORBIDDEN)
        if (scope["method"], scope["path"]) in PUBLIC:
            return
        given = presented(scope["headers"])
        journalist = await self._find_session(given.token.sha256) if given else None
        if given is None or journalist is None:
            raise ApiError(Problem.NOT_LOGGED_IN)
        if not is_safe and not is_csrf_safe(given, headers):
            raise ApiError(Problem.FORBIDDEN)
        scope.setdefault("state", {})["caller"] = Caller(journalist, given)


def caller_of(request: Request) -> Caller:
    """Who asks. Errors: ApiError where the guard did not run: a fault of ours, answered as not logged in."""
    caller = request.scope.get("state", {}).get("caller")
    if not isinstance(caller, Caller):
        raise ApiError(Problem.NOT_LOGGED_IN)
    return caller
