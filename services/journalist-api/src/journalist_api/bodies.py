"""Limits on request bodies, held while they arrive. Pure ASGI."""

from typing import Final

from contract.limits import MAX_REPLY_BYTES
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journalist_api.errors import ApiError, Problem, error_response

JSON_BYTES: Final = 4 * 1024  #: a login
LENGTH_DIGITS: Final = 20  #: of 64 bits, which the server has checked
REPLIES: Final = "/replies"  #: end of the one path that takes more


class BodyLimit:
    """Answers 413 as soon as a body is announced or grows over its limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_REPLY_BYTES if scope["path"].endswith(REPLIES) else JSON_BYTES
        if _announced(scope) > limit:
            await error_response(Problem.TOO_LARGE)(scope, receive, send)
            return
        taken = 0

        async def receive_bounded() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise ApiError(Problem.TOO_LARGE)
            return message

        await self._app(scope, receive_bounded, send)


def _announced(scope: Scope) -> int:
    """Content-Length, which the server has checked to be digits; 0 where there is none. int() refuses endless zeros."""
    return int(dict(scope["headers"]).get(b"content-length", b"0")[-LENGTH_DIGITS:])
