"""Errors become whole pages, and nothing of an error reaches a page or a log but its class.

`install` replaces what FastAPI would answer by itself (its 422 echoes the input); `LastResort` catches what is left.
"""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Makes the answer for a status. The second argument is the exception's own headers (a 405's `allow`).
ErrorPage = Callable[[int], Response]


def install(app: FastAPI, page: ErrorPage) -> None:
    """404, 405, 422 and their like as our own pages."""

    async def on_http_error(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = page(error.status_code)
        for name, value in (error.headers or {}).items():
            answer.headers[name] = value
        return answer

    async def on_bad_input(_: Request, __: Exception) -> Response:
        return page(400)

    async def on_anything(_: Request, __: Exception) -> Response:
        return page(500)  # raised again after it was sent, and then kept quiet by LastResort

    app.add_exception_handler(Exception, on_anything)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_bad_input)


class LastResort:
    """ASGI middleware inside `SecurityHeaders`: an unforeseen error is a 500 page and a class name, never a traceback.

    uvicorn would log the traceback, whose lines may hold what a source typed.
    """

    def __init__(self, app: ASGIApp, page: ErrorPage, on_error: Callable[[BaseException], None]) -> None:
        self._app = app
        self._page = page
        self._on_error = on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:  # noqa: BLE001  # the one place that may: whatever it is, the page is the same
            self._on_error(error)
            if not started:
                answer = self._page(500)
                answer.headers["connection"] = "close"
                await answer(scope, receive, send)
