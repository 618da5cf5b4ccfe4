"""Logging in against the real accounts, steps and sessions."""

import asyncio

import httpx

from tests.integration.journalist_api.newsroom import Newsroom


async def test_of_two_logins_at_once_with_one_code_exactly_one_succeeds(newsroom: Newsroom) -> None:
    body = newsroom.credentials()
    async with httpx.AsyncClient(base_url=newsroom.url, timeout=30) as client:
        answers = await asyncio.gather(*(client.post("/api/v1/login", json=body) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_a_used_code_is_refused_and_the_next_one_accepted(newsroom: Newsroom) -> None:
    first = newsroom.credentials()
    async with httpx.AsyncClient(base_url=newsroom.url, timeout=30) as client:
        statuses = [(await client.post("/api/v1/login", json=first)).status_code for _ in range(2)]
        later = await client.post("/api/v1/login", json=newsroom.credentials(code=newsroom.code(1)))

    assert (statuses, later.status_code) == ([200, 401], 200)


async def test_the_database_knows_only_the_hash_of_a_session_and_forgets_it_at_logout(newsroom: Newsroom) -> None:
    async with newsroom.client() as client:
        token = client.headers["authorization"].removeprefix("Bearer ")
        (row,) = await newsroom.query("SELECT * FROM sealdrop.journalist_session")
        assert token.encode() not in bytes(row["token_hash"])
        assert (await client.get("/api/v1/me")).json()["username"] == "ada"

        assert (await client.post("/api/v1/logout")).status_code == 204
        assert (await client.get("/api/v1/me")).status_code == 401

    assert await newsroom.query("SELECT * FROM sealdrop.journalist_session") == []


async def test_an_idle_session_is_over(newsroom: Newsroom) -> None:
    async with newsroom.client() as client:
        await newsroom.query("UPDATE sealdrop.journalist_session SET idle_at = now() - interval '1 second'")

        assert (await client.get("/api/v1/me")).status_code == 401


async def test_answers_on_the_wire_name_no_server_and_no_time(newsroom: Newsroom) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", newsroom.port)
    writer.write(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = (await reader.read()).lower()
    writer.close()

    assert answer.startswith(b"http/1.1 401 ")
    assert b"\r\nserver:" not in answer
    assert b"\r\ndate:" not in answer
    assert answer.count(b"\r\ncontent-security-policy:") == 1
