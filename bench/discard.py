"""A server that reads a multipart body as source-api does, with the same parser, and keeps nothing."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from python_multipart.multipart import MultipartParser

from tests.stack.people import BOUNDARY

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Any POST: 204 after the last byte."""
    assert scope["type"] == "http"
    parser = MultipartParser(BOUNDARY)
    more = True
    while more:
        message = await receive()
        parser.write(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", log_level="critical", access_log=False)
