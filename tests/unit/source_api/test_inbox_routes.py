"""Logging in and out, and what is asked of small forms."""

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sealing.receipts import SourceCard, sign_source_card

from tests.unit.source_api.fakes import quick_derive
from tests.unit.source_api.site import WORDS, Site

CODENAME = " ".join(WORDS[10:18])


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with Site() as made:
        yield made


def with_source(site: Site, codename: str = CODENAME) -> None:
    """The database knows the source of this codename."""
    keys = quick_derive(codename, b"", b"")
    card = SourceCard(uuid4(), str(keys.identity.recipient))
    row = {"source_id": card.source_id, "card": sign_source_card(site.worker, card)}
    site.rows.sources[keys.lookup_id] = {**row, "reply_recipient": card.reply_recipient}


async def test_log_in_opens_the_inbox_under_a_new_session(site: Site) -> None:
    with_source(site)
    before = (await site.web.get("/login")).headers["set-cookie"]

    answer = await site.post("/login", "/login", codename=f"  {CODENAME.upper()} ")

    assert answer.headers["location"] == "/inbox"
    assert answer.headers["set-cookie"] != before
    assert len(site.sessions) == 1
    assert "There is no reply yet" in (await site.web.get("/inbox")).text


async def test_the_codename_is_on_no_page_and_in_no_cookie_after_log_in(site: Site) -> None:
    with_source(site)
    answers = [await site.post("/login", "/login", codename=CODENAME)]
    answers += [await site.web.get(path) for path in ("/", "/inbox", "/submit", "/sent", "/login")]

    for answer in answers:
        assert not any(f">{word}<" in answer.text for word in CODENAME.split())
        assert CODENAME.split()[0] not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("codename", "status", "said"),
    [
        (CODENAME, 403, "Nobody has this codename"),
        ("", 400, "Please type your codename"),
        ("zyxw " + CODENAME, 400, "Word number 1 is not one we use"),
        (CODENAME + " qqqqq", 400, "Word number 9 is not one we use"),
        (CODENAME + " abacus", 400, "Those are 9 words; a codename has 8"),
        ("abacus", 400, "That is 1 word; a codename has 8"),
        ("x" * 600, 400, "too long"),
        ("<script>alert(1)</script>", 400, "Word number 1"),
    ],
)
async def test_a_wrong_codename_is_explained_and_never_shown(site: Site, codename: str, status: int, said: str) -> None:
    answer = await site.post("/login", "/login", codename=codename)

    assert answer.status_code == status
    assert said in answer.text
    assert "zyxw" not in answer.text and "qqqqq" not in answer.text and "alert(" not in answer.text


async def test_an_unknown_codename_costs_the_same_work_as_a_known_one(site: Site) -> None:
    derived: list[str] = []
    plain = site.derivation.keys

    async def counted(codename: str) -> object:
        derived.append(codename)
        return await plain(codename)

    site.derivation.keys = counted  # type: ignore[method-assign, assignment]  # counts, and passes on
    await site.post("/login", "/login", codename=CODENAME)
    with_source(site)
    await site.post("/login", "/login", codename=CODENAME)

    assert derived == [CODENAME, CODENAME]
    assert site.rows.calls == ["source_find", "source_find"]


async def test_a_source_whose_card_no_worker_signed_is_not_let_in(site: Site) -> None:
    with_source(site)
    site.rows.sources[quick_derive(CODENAME, b"", b"").lookup_id]["source_id"] = uuid4()

    answer = await site.post("/login", "/login", codename=CODENAME)

    assert answer.status_code == 503
    assert len(site.errors) == 1


async def test_log_out_ends_the_session_and_takes_the_cookie(site: Site) -> None:
    with_source(site)
    await site.post("/login", "/login", codename=CODENAME)
    old = site.web.cookies["source"]

    answer = await site.post("/logout", "/inbox")

    assert "You are logged out" in answer.text
    assert 'source=""' in answer.headers["set-cookie"]
    assert len(site.sessions) == 0
    assert (await site.web.get("/inbox", headers={"cookie": f"source={old}"})).headers["location"] == "/login"


@pytest.mark.parametrize("path", ["/sent", "/login", "/logout", "/inbox/delete", f"/reply/{uuid4()}/delete"])
async def test_a_form_without_its_session_s_token_does_nothing(site: Site, path: str) -> None:
    with_source(site)
    await site.post("/login", "/login", codename=CODENAME)
    async with site.visitor() as other:
        await other.get("/submit")
        foreign = re.search(r'csrf_token" value="([^"]+)"', (await other.get("/submit")).text)
    assert foreign is not None

    answers = [
        await site.web.post(path, data={"csrf_token": token, "codename": CODENAME}) for token in ("", foreign.group(1))
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert (await site.web.get("/inbox")).status_code == 200


async def test_a_source_that_was_deleted_meanwhile_is_logged_out(site: Site) -> None:
    with_source(site)
    await site.post("/login", "/login", codename=CODENAME)
    site.rows.sources.clear()

    answer = await site.web.get("/inbox")

    assert "This conversation was deleted" in answer.text
    assert len(site.sessions) == 0
