"""The web app in Chromium: log in, read the list, download, reply, delete."""

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from contract.messages import ItemKind
from playwright.async_api import Page, expect
from sealing.age import open_bytes
from sealing.item import open_item_bytes

from tests.integration.journalist_api.browser import build, page
from tests.integration.journalist_api.newsroom import PASSPHRASE, Newsroom
from tests.stack.postgres import PostgresServer

TEXT = "Thank you. Can you say where this was taken?\nWe read this every day. ✓"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The web app's files, built once."""
    target = tmp_path_factory.mktemp("spa") / "dist"
    build(target)
    return target


@pytest.fixture
async def site(postgres: PostgresServer, database: str, tmp_path: Path, built: Path) -> AsyncIterator[Newsroom]:
    """A newsroom that serves the built web app, with one submission of a message and a file."""
    newsroom = Newsroom(postgres, database, tmp_path, built, demo=True)
    async with newsroom.running():
        await newsroom.submit((ItemKind.MESSAGE, b"hello"), (ItemKind.FILE, secrets.token_bytes(300_000)))
        yield newsroom


async def log_in(opened: Page, newsroom: Newsroom) -> None:
    await opened.get_by_label("Username").fill("Ada")
    await opened.get_by_label("Passphrase").fill(PASSPHRASE)
    await opened.get_by_label("Code from your authenticator").fill(newsroom.code())
    await opened.get_by_role("button", name="Log in").click()
    await expect(opened.get_by_role("heading", name="Sources")).to_be_visible()


async def open_conversation(opened: Page) -> None:
    await opened.get_by_role("navigation", name="Sources").get_by_role("listitem").get_by_role("button").click()
    await expect(opened.get_by_role("article")).to_have_count(2)


async def test_a_reply_written_in_the_browser_opens_for_source_and_svs(site: Newsroom) -> None:
    async with page(site.url) as opened:
        await log_in(opened, site)
        await open_conversation(opened)
        await opened.get_by_label("Reply to").fill(TEXT)
        await opened.get_by_role("button", name="Seal and send").click()
        await expect(opened.get_by_text("Stored as item 3.")).to_be_visible(timeout=30_000)
        await expect(opened.get_by_role("article")).to_have_count(3)

    (row,) = await site.query("SELECT id, header, size_class FROM sealdrop.item WHERE kind = 'reply'")
    (chunk,) = await site.query("SELECT sealed FROM sealdrop.vault_chunk WHERE item_id = $1", row["id"])
    assert row["size_class"] == 16 * 1024
    for identity in (site.source_identity, site.keys.svs):
        manifest, text = open_item_bytes(open_bytes(row["header"] + chunk["sealed"], [identity]))
        assert (manifest.item_id, manifest.kind, text.decode()) == (row["id"], "reply", TEXT)


async def test_a_download_is_the_sealed_file_under_a_safe_name(site: Newsroom, tmp_path: Path) -> None:
    async with page(site.url) as opened:
        await log_in(opened, site)
        await open_conversation(opened)
        async with opened.expect_download() as started:
            await opened.get_by_role("link", name="Download item 2").click()
        download = await started.value
        await download.save_as(tmp_path / "item.age")

    (row,) = await site.query("SELECT file_sha256 FROM sealdrop.item WHERE position = 2")
    assert hashlib.sha256((tmp_path / "item.age").read_bytes()).digest() == bytes(row["file_sha256"])
    assert download.suggested_filename.endswith("-2-file.age")


async def test_nothing_is_sealed_to_a_recipient_no_worker_vouches_for(site: Newsroom) -> None:
    async with page(site.url) as opened:
        await opened.route("**/api/v1/sources", lambda route: _swap_card(route, site))
        await log_in(opened, site)
        await open_conversation(opened)
        await opened.get_by_label("Reply to").fill(TEXT)
        await opened.get_by_role("button", name="Seal and send").click()
        await expect(opened.get_by_role("alert")).to_contain_text("does not verify")

    assert await site.query("SELECT 1 FROM sealdrop.item WHERE kind = 'reply'") == []


async def test_deleting_asks_first_and_escape_means_no(site: Newsroom) -> None:
    async with page(site.url) as opened:
        await log_in(opened, site)
        await open_conversation(opened)
        await opened.get_by_role("button", name="Delete item 1").click()
        await opened.keyboard.press("Escape")
        await expect(opened.get_by_role("dialog")).to_have_count(0)
        await expect(opened.get_by_role("article")).to_have_count(2)

        await opened.get_by_role("button", name="Delete item 1").click()
        await opened.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(opened.get_by_role("article")).to_have_count(1)

        await opened.get_by_role("button", name="Delete source").click()
        await opened.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await expect(opened.get_by_text("Nothing yet.")).to_be_visible()

    assert await site.query("SELECT 1 FROM sealdrop.source") == []


async def test_a_reload_keeps_the_session_and_logging_out_ends_it(site: Newsroom) -> None:
    async with page(site.url) as opened:
        await expect(opened.get_by_text("DEMO: no Tor, no anonymity, do not send real secrets")).to_be_visible()
        await log_in(opened, site)
        await opened.reload()
        await opened.get_by_role("button", name="Log out").click()
        await expect(opened.get_by_text("You are logged out.")).to_be_visible()
        await opened.reload()
        await expect(opened.get_by_role("button", name="Log in")).to_be_visible()
        assert await opened.evaluate("document.cookie + JSON.stringify({...localStorage, ...sessionStorage})") == "{}"


async def test_the_phone_shows_one_pane_and_back_leads_to_the_list(site: Newsroom) -> None:
    async with page(site.url, width=390, height=780) as opened:
        await log_in(opened, site)
        await open_conversation(opened)
        await expect(opened.get_by_role("navigation", name="Sources")).to_be_hidden()
        assert str(site.source_id) not in opened.url
        await opened.go_back()
        await expect(opened.get_by_role("navigation", name="Sources")).to_be_visible()


async def _swap_card(route, site: Newsroom) -> None:  # type: ignore[no-untyped-def]  # playwright's Route
    """As a taken journalist-api would: a card that is not by the worker whose key is pinned."""
    answer = await route.fetch()
    body = await answer.json()
    for source in body["sources"]:
        envelope = json.loads(base64.b64decode(source["source_card"])) | {"by": site.keys.source.hex}
        source["source_card"] = base64.b64encode(json.dumps(envelope).encode()).decode()
    await route.fulfill(response=answer, json=body)
