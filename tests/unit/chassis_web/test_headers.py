"""Headers on every answer; a full httpx round trip through the middlewares, in memory."""

import httpx
import pytest
from chassis.web.errors import LastResort, install
from chassis.web.headers import SecurityHeaders, csp, security_headers
from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response

POLICY = security_headers({"style-src": "'self'"})


def page(status: int) -> Response:
    return HTMLResponse(f"page {status}", status)


async def fine(request: Request) -> Response:
    return Response("fine", headers={"server": "x", "date": "today", "etag": '"tag"', "x-frame-options": "ALLOWALL"})


async def broken(request: Request) -> Response:
    raise RuntimeError("a secret")


class Site:
    def __init__(self, kept: tuple[bytes, ...] = ()) -> None:
        self.errors: list[BaseException] = []
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        install(app, page)
        app.add_api_route("/fine", fine, methods=["GET"], response_model=None)
        app.add_api_route("/broken", broken, methods=["GET"], response_model=None)
        wrapped = SecurityHeaders(LastResort(app, page, self.errors.append), lambda method, path: POLICY, kept)
        transport = httpx.ASGITransport(wrapped)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://site")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fine", 200),
        ("GET", "/none", 404),
        ("HEAD", "/fine", 405),
        ("POST", "/fine", 405),
        ("GET", "/broken", 500),
    ],
)
async def test_every_answer_carries_the_policy_and_nothing_telltale(method: str, path: str, status: int) -> None:
    site = Site()
    async with site.client as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    for name, value in POLICY:
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert not {"server", "date", "etag"} & set(answer.headers)


async def test_an_unforeseen_error_is_a_page_without_its_text() -> None:
    site = Site()
    async with site.client as client:
        answer = await client.get("/broken")

    assert answer.text == "page 500"
    assert [type(error) for error in site.errors] == [RuntimeError]


async def test_a_405_says_which_methods_there_are() -> None:
    async with Site().client as client:
        answer = await client.post("/fine")

    assert answer.headers["allow"] == "GET"


async def test_a_service_may_keep_an_etag_of_its_own() -> None:
    async with Site(kept=(b"etag",)).client as client:
        answer = await client.get("/fine")

    assert answer.headers["etag"] == '"tag"'


def test_a_policy_denies_what_it_does_not_name() -> None:
    assert csp({}) == "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def test_only_a_policy_that_says_so_may_be_framed() -> None:
    assert (b"x-frame-options", b"DENY") in security_headers({})
    assert (b"x-frame-options", b"SAMEORIGIN") in security_headers({"frame-ancestors": "'self'"})
