"""What every answer has, and what no answer tells."""

from collections.abc import AsyncIterator

import httpx
import pytest
from contract.audit import EventName

from tests.unit.journalist_api.fakes import FakeDatabase, Site, login_body

ERROR_SHAPE = {"error"}


def assert_safe(answer: httpx.Response) -> None:
    for name in ("content-security-policy", "x-frame-options", "referrer-policy", "x-content-type-options"):
        assert len(answer.headers.get_list(name)) == 1, name
    assert answer.headers["cache-control"].startswith("no-store")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert not {"server", "date", "last-modified"} & set(answer.headers)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/assets/index-abc.js", 200),
        ("GET", "/assets/", 404),
        ("GET", "/assets/../settings.toml", 404),
        ("GET", "/pins.json.bak", 404),
        ("POST", "/", 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/api/v1/me", 401),
        ("POST", "/api/v1/login", 400),
    ],
)
async def test_every_answer_has_the_security_headers(method: str, path: str, status: int) -> None:
    async with Site().guest() as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert_safe(answer)
    if status >= 400:
        assert set(answer.json()) == ERROR_SHAPE


async def test_pages_run_our_own_script_only_and_data_is_never_a_page() -> None:
    async with Site().journalist() as client:
        page = (await client.get("/")).headers["content-security-policy"]
        data = (await client.get("/api/v1/sources")).headers["content-security-policy"]

    assert "script-src 'self'" in page
    assert "unsafe" not in page
    assert "sandbox" in data
    assert "script-src" not in data


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"username": "CANARY"}',
        b'{"username": "ada", "passphrase": "CANARY", "code": "12345"}',
        b'{"username": "ada", "passphrase": "CANARY", "code": "123456", "more": 1}',
        b'{"username": "A\\u0000", "passphrase": "CANARY", "code": "123456"}',
        b'{"username": "ada", "passphrase": "CANARY\\ud800", "code": "123456"}',
        b'{"username": "ada", "passphrase": "' + b"x" * 129 + b'", "code": "123456"}',
    ],
)
async def test_a_malformed_login_is_answered_without_its_input(body: bytes) -> None:
    async with Site().guest() as client:
        answer = await client.post("/api/v1/login", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert b"CANARY" not in answer.content


async def test_a_login_over_the_limit_is_refused_before_it_is_read() -> None:
    site = Site()
    async with site.guest() as client:
        announced = await client.post("/api/v1/login", json=login_body(passphrase="x" * 5000))
        trickled = await client.post("/api/v1/login", content=_pieces(), headers={"content-type": "application/json"})

    assert (announced.status_code, trickled.status_code) == (413, 413)
    assert site.database.asked == []


async def _pieces() -> AsyncIterator[bytes]:
    """An endless body without a length."""
    while True:
        yield b" " * 1000


async def test_refused_logins_look_alike_and_are_audited() -> None:
    site = Site()
    async with site.guest() as client:
        answers = [
            await client.post("/api/v1/login", json=login_body(**changed))
            for changed in ({"username": "nobody"}, {"passphrase": "wrong"}, {"code": "000000"})
        ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({(answer.content, tuple(answer.headers.raw)) for answer in answers}) == 1
    assert site.audit.events == [(EventName.JOURNALIST_LOGIN_FAILED, None)] * 3


async def test_an_error_nobody_expected_is_one_constant_answer() -> None:
    class Broken(FakeDatabase):
        async def fetch(self, name: str, *arguments: object) -> list[object]:
            raise ZeroDivisionError("CANARY")

    site = Site(database=Broken())
    async with site.journalist() as client:
        answer = await client.get("/api/v1/sources")

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "fault"
    assert b"CANARY" not in answer.content
    assert_safe(answer)
    assert [type(error) for error in site.errors] == [ZeroDivisionError]


async def test_the_description_of_the_api_is_there_in_the_demo_only() -> None:
    for demo, status in ((True, 200), (False, 404)):
        async with Site(demo=demo).journalist() as client:
            assert (await client.get("/api/v1/openapi.json")).status_code == status


async def test_a_length_with_thousands_of_leading_zeros_is_a_length() -> None:
    async with Site().guest() as client:
        answer = await client.post("/api/v1/login", content=b"hello", headers={"content-length": "0" * 8000 + "5"})

    assert answer.status_code == 400
