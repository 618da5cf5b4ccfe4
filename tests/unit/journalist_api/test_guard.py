"""Default deny, CSRF, and what another site may not do."""

from uuid import uuid4

import httpx
import pytest
from journalist_api.errors import Problem
from journalist_api.guard import PUBLIC

from tests.unit.journalist_api.fakes import Site, login_body


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def every_route(site: Site) -> list[tuple[str, str]]:
    """Method and path of every route below /api/, ids filled in; taken from the description made in the demo."""
    site.demo = True
    inner = site.app()._app._app  # inside the headers and the last resort: FastAPI
    paths = inner.openapi()["paths"]
    filled = {path: path.replace("{source_id}", str(uuid4())).replace("{item_id}", str(uuid4())) for path in paths}
    return [(method.upper(), filled[path]) for path, methods in paths.items() for method in methods]


async def test_every_route_but_the_public_ones_needs_a_session() -> None:
    site = Site()
    routes = every_route(site)
    assert len(routes) == 12
    async with site.guest() as client:
        for method, path in routes:
            answer = await client.request(method, path, json={})
            expected = 400 if (method, path) in PUBLIC else 401
            assert answer.status_code == expected, (method, path)


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v1/openapi.json", "/api/v1/login/"])
async def test_addresses_that_do_not_exist_are_not_told_to_guests(path: str) -> None:
    async with Site().guest() as client:
        answer = await client.get(path)

    assert (answer.status_code, code_of(answer)) == (401, "not_logged_in")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_login_is_public_as_post_only(method: str) -> None:
    async with Site().guest() as client:
        answer = await client.request(method, "/api/v1/login")

    assert answer.status_code == 401


async def test_changes_need_the_csrf_token_and_reading_does_not() -> None:
    site = Site()
    async with site.journalist() as client:
        del client.headers["x-csrf-token"]
        assert (await client.get("/api/v1/sources")).status_code == 200
        for method, path in (("DELETE", f"/api/v1/sources/{site.database.source_id}"), ("POST", "/api/v1/logout")):
            answer = await client.request(method, path)
            assert (answer.status_code, code_of(answer)) == (403, "forbidden")

    assert "delete_source" not in site.database.asked
    assert "session_close" not in site.database.asked


@pytest.mark.parametrize("site_header", ["cross-site", "same-site", "strange"])
async def test_requests_that_another_site_made_the_browser_send_are_refused(site_header: str) -> None:
    site = Site()
    headers = {"sec-fetch-site": site_header}
    async with site.journalist() as client:
        deleted = await client.delete(f"/api/v1/sources/{site.database.source_id}", headers=headers)
        login = await client.post("/api/v1/login", json=login_body(), headers=headers)

    assert (deleted.status_code, login.status_code) == (403, 403)


async def test_a_bearer_client_needs_no_csrf_token_and_gets_no_cookie() -> None:
    site = Site()
    async with site.guest() as client:
        answer = await client.post("/api/v1/login", json=login_body(session="bearer"))
        assert "set-cookie" not in answer.headers
        headers = {"authorization": f"Bearer {answer.json()['token']}"}

        deleted = await client.delete(f"/api/v1/sources/{site.database.source_id}", headers=headers)

    assert deleted.status_code == 204


async def test_a_session_is_dead_after_logout() -> None:
    site = Site()
    async with site.journalist() as client:
        cookie = client.cookies["sealdrop_journalist"]
        answer = await client.post("/api/v1/logout")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "sealdrop_journalist" not in client.cookies

        replayed = await client.get("/api/v1/me", headers={"cookie": f"sealdrop_journalist={cookie}"})

    assert replayed.status_code == 401


async def test_without_a_database_nobody_is_let_in() -> None:
    site = Site()
    async with site.journalist() as client:
        site.database.is_down = True
        answer = await client.get("/api/v1/me")

    assert (answer.status_code, code_of(answer)) == (503, Problem.UNAVAILABLE.code)
