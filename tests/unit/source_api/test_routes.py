"""Pages, cookies, tokens and headers, as a browser meets them."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from chassis.postgres import DatabaseError
from source_api.headers import headers_for

from tests.unit.source_api.fakes import forgotten, quick_derive
from tests.unit.source_api.site import MOST_BYTES, WORDS, Site

CODENAME = " ".join(WORDS[10:18])
ROUTES = [
    ("GET", "/", 200),
    ("GET", "/style.css", 200),
    ("GET", "/submit", 200),
    ("POST", "/submit", 403),
    ("GET", "/status", 403),
    ("GET", "/sent", 303),
    ("POST", "/sent", 400),
    ("GET", "/login", 200),
    ("POST", "/login", 400),
    ("GET", "/inbox", 303),
    ("POST", "/inbox/delete", 400),
    ("POST", "/reply/x/delete", 400),
    ("POST", "/logout", 400),
    ("HEAD", "/", 405),
    ("HEAD", "/submit", 405),
    ("PUT", "/submit", 405),
    ("DELETE", "/inbox", 405),
    ("OPTIONS", "/", 405),
    ("TRACE", "/login", 405),
    ("GET", "/logout", 405),
    ("GET", "/inbox/", 404),
    ("GET", "/nowhere", 404),
    ("GET", "/docs", 404),
    ("GET", "/openapi.json", 404),
    ("GET", "/redoc", 404),
    ("GET", "/robots.txt", 404),
    ("GET", "/favicon.ico", 404),
    ("GET", "/static/style.css", 404),
    ("GET", "/../../etc/passwd", 404),
]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as made:
        yield made


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
async def test_every_answer_carries_every_header_once(site: Site, method: str, path: str, status: int) -> None:
    answer = await site.web.request(method, path)

    assert answer.status_code == status
    for name, value in headers_for(method, path):
        assert answer.headers.get_list(name.decode()) == [value.decode()]
    assert not {"server", "date", "etag", "last-modified"} & set(answer.headers)
    assert answer.headers.get("location", "/").startswith("/")


@pytest.mark.parametrize(("method", "path", "status"), [route for route in ROUTES if route[2] >= 400])
async def test_every_error_is_a_whole_page(site: Site, method: str, path: str, status: int) -> None:
    answer = await site.web.request(method, path)

    if method != "HEAD":
        assert answer.text.startswith("<!doctype html>")
        assert "The Courier" in answer.text
        assert "detail" not in answer.text


@pytest.mark.parametrize("path", ["/", "/submit", "/login", "/nowhere"])
async def test_the_demo_says_so_on_every_page_and_nothing_else_does(path: str) -> None:
    banner = "DEMO: no Tor, no anonymity, do not send real secrets"
    async with Site(changed={"demo": True}) as demo, Site() as real:
        assert banner in (await demo.web.get(path)).text
        assert "DEMO" not in (await real.web.get(path)).text


async def test_the_cookie_is_strict_hidden_from_scripts_and_ends_with_the_browser(site: Site) -> None:
    cookie = (await site.web.get("/submit")).headers["set-cookie"]

    assert re.fullmatch(r"source=[A-Za-z0-9_-]{43}; HttpOnly; Path=/; SameSite=strict", cookie)


async def test_reading_the_first_page_begins_no_session(site: Site) -> None:
    assert "set-cookie" not in (await site.web.get("/")).headers
    assert len(site.sessions) == 0


async def test_a_submission_ends_in_the_codename_and_a_receipt(site: Site) -> None:
    answer = await site.send("hello")
    sent = (await site.web.get("/sent")).text

    assert 'href="/sent" target="_top"' in answer.text
    source = next(iter(site.sessions._sessions.values())).source
    assert source is not None and source.codename is not None
    words = source.codename.split()
    assert re.findall(r"<li>([a-z]+)</li>", sent) == words
    assert re.search(r"\d{5}( \d{5}){7}", sent)
    assert site.hand_over.bindings[0][1] == quick_derive(source.codename, b"", b"").lookup_id


async def test_the_codename_leaves_memory_when_it_is_written_down(site: Site) -> None:
    await site.send("hello")
    source = next(iter(site.sessions._sessions.values())).source
    assert source is not None and source.codename is not None
    first_word = source.codename.split()[0]

    answer = await site.post("/sent", "/sent")

    assert answer.headers["location"] == "/sent"
    assert forgotten(source.codename)
    assert f"<li>{first_word}</li>" not in (await site.web.get("/sent")).text


async def test_no_codename_is_shown_before_something_is_stored(site: Site) -> None:
    await site.web.get("/submit")

    assert (await site.web.get("/sent")).headers["location"] == "/submit"


async def test_the_form_targets_one_frame_and_watches_the_other_for_the_same_form(site: Site) -> None:
    page = (await site.web.get("/submit")).text

    form = re.search(r'action="/submit\?form=([0-9a-f]{32})"[^>]*target="answer"', page)
    assert form is not None
    assert f'src="/status?form={form.group(1)}"' in page
    assert 'iframe class="answer" name="answer"' in page


async def test_an_expired_form_is_told_so_and_nothing_is_begun(site: Site) -> None:
    token = await site.token()
    site.clock.now += 25 * 3600

    answer = await site.send("hello", token)

    assert (answer.status_code, site.hand_over.transfers, site.refused) == (403, [], 1)
    assert "This form has expired" in answer.text


async def test_a_post_over_the_limit_is_refused_by_its_length_and_its_body_is_read_and_dropped(site: Site) -> None:
    answer = await site.send("x" * MOST_BYTES)

    assert answer.status_code == 413
    assert "Nothing was received or kept" in answer.text
    assert "connection" not in answer.headers
    assert site.hand_over.transfers == []


async def test_a_length_with_thousands_of_leading_zeros_is_a_length(site: Site) -> None:
    await site.token()

    answer = await site.web.post("/submit", content=b"hello", headers={"content-length": "0" * 8000 + "5"})

    assert answer.status_code == 400


async def test_a_post_over_the_limit_without_a_length_is_refused_when_it_gets_there(site: Site) -> None:
    token = await site.token()
    boundary = "x"
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n--x\r\n'.encode()
    head += b'Content-Disposition: form-data; name="files"; filename="f"\r\n\r\n'

    async def endless() -> AsyncIterator[bytes]:
        yield head
        for _ in range(40):
            yield bytes(32 * 1024)

    content_type = {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = await site.web.post("/submit", content=endless(), headers=content_type)

    assert answer.status_code == 413
    assert site.hand_over.transfers[0].is_aborted


async def test_more_than_is_dropped_ends_the_connection() -> None:
    async with Site(changed={"drain_most_bytes": 1000}) as site:
        answer = await site.send("x" * MOST_BYTES)

    assert (answer.status_code, answer.headers["connection"]) == (413, "close")


async def test_without_a_worker_the_form_is_closed_and_a_post_is_refused_before_it_is_looked_at(site: Site) -> None:
    token = await site.token()
    site.hand_over.is_open = False

    form, post = await site.web.get("/submit"), await site.send("hello", token)

    assert (form.status_code, post.status_code) == (503, 503)
    assert "<form" not in form.text.split("<main")[1]
    assert "Not open at this moment" in form.text
    assert "Not open at this moment" in post.text


async def test_who_waits_for_our_word_is_answered_before_sending(site: Site) -> None:
    site.hand_over.is_open = False
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"x"

    answer = await site.web.post("/submit", content=body(), headers={"expect": "100-continue"})

    assert (answer.status_code, answer.headers["connection"], read) == (503, "close", 0)


async def test_a_database_that_is_away_is_a_page_and_a_class_name(site: Site) -> None:
    site.rows.error = DatabaseError("secret")

    answer = await site.post("/login", "/login", codename=CODENAME)

    assert answer.status_code == 503
    assert "secret" not in answer.text
    assert [type(error) for error in site.errors] == [DatabaseError]


async def test_an_unforeseen_error_is_a_whole_page_without_its_text(site: Site) -> None:
    site.rows.error = RuntimeError("secret")

    answer = await site.post("/login", "/login", codename=CODENAME)

    assert answer.status_code == 500
    assert answer.text.startswith("<!doctype html>")
    assert "secret" not in answer.text
    assert [type(error) for error in site.errors] == [RuntimeError]


async def test_what_host_and_forwarded_headers_claim_changes_nothing(site: Site) -> None:
    claims = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-for": "1.2.3.4"}

    for path in ("/", "/submit", "/sent", "/inbox", "/nowhere"):
        answer = await site.web.get(path, headers=claims)
        assert "evil" not in answer.text
        assert "evil" not in answer.headers.get("location", "")


async def test_a_house_full_of_sources_says_that_it_is_busy() -> None:
    async with Site(changed={"most_sessions": 1}) as site:
        await site.send("hello")
        async with site.visitor() as other:
            answer = await other.get("/submit")

    assert answer.status_code == 503
    assert "Too many visitors" in answer.text


async def test_an_unconfirmed_post_is_never_shown_as_an_older_one_that_was_received(site: Site) -> None:
    await site.send("hello")
    session = next(iter(site.sessions._sessions.values()))
    session.form("f").settlement = asyncio.create_task(asyncio.sleep(60, None))

    answer = await site.web.get("/sent")

    assert answer.status_code == 503
    assert "We cannot say yet" in answer.text
    assert "Received" not in answer.text
