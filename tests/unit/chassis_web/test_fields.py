"""Small forms."""

from collections.abc import AsyncIterator

import httpx
import pytest
from chassis.web.fields import BadForm, read_fields
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    answer: Response
    try:
        answer = JSONResponse(await read_fields(Request(scope, receive), 100))
    except BadForm:
        answer = Response("bad", 400)
    await answer(scope, receive, send)


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site")


async def test_fields_are_read_as_utf_8_whatever_the_chunks() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in b"a=b+c&d=%C3%A9&e=":
            yield bytes([byte])

    async with client() as web:
        answer = await web.post("/", content=pieces(), headers=FORM)

    assert answer.json() == {"a": "b c", "d": "é", "e": ""}


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"a=" + b"b" * 99, FORM),
        (b"a=%ff", FORM),
        (b"a=\xff", FORM),
        (b"&".join([b"a=b"] * 17), FORM),
        (b"a=b", {"content-type": "multipart/form-data; boundary=x"}),
        (b"a=b", {}),
    ],
    ids=["too long", "not UTF-8", "not ASCII", "too many", "multipart", "untyped"],
)
async def test_anything_else_is_refused(content: bytes, headers: dict[str, str]) -> None:
    async with client() as web:
        answer = await web.post("/", content=content, headers=headers)

    assert answer.status_code == 400
