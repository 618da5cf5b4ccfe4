"""From a source's browser to the vault, on a real worker and a real database."""

import os
import re

from tests.integration.source_api.newsroom import Newsroom, Visitor


async def test_a_message_and_files_are_stored_sealed_and_open_on_the_svs(newsroom: Newsroom, visitor: Visitor) -> None:
    document = os.urandom(300_000)

    answer = await visitor.send("Look at the ledger.\r\nPage 4.", (("ledger «Q3».pdf", document), ("empty.txt", b"")))

    assert answer.status_code == 200
    assert "Received" in answer.text
    items = await newsroom.opened()
    assert [manifest.kind for manifest, _ in items] == ["message", "file", "file"]
    assert [content for _, content in items] == [b"Look at the ledger.\nPage 4.", document, b""]
    assert [manifest.name for manifest, _ in items] == [None, "ledger «Q3».pdf", "empty.txt"]
    source = (await newsroom.query("SELECT reply_recipient FROM sealdrop.source"))[0]
    assert {manifest.reply_recipient for manifest, _ in items} == {source["reply_recipient"]}


async def test_the_codename_is_shown_until_it_is_written_down_and_never_again(visitor: Visitor) -> None:
    await visitor.send("hello")
    codename = await visitor.codename()

    assert len(codename.split()) == 8
    assert await visitor.codename() == codename
    after = await visitor.post("/sent", "/sent")
    assert "Received" in after.text
    assert not any(f"<li>{word}</li>" in after.text for word in codename.split())
    assert re.search(r"\d{5}( \d{5}){7}", after.text)


async def test_a_form_sent_twice_is_one_submission(newsroom: Newsroom, visitor: Visitor) -> None:
    token = await visitor.token("/submit")
    await visitor.send("first", token=token)

    again = await visitor.send("second", token=token)

    assert again.status_code == 200
    assert "nothing was added now" in again.text
    assert [content for _, content in await newsroom.opened()] == [b"first"]


async def test_what_is_sent_later_in_a_visit_joins_the_same_conversation(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("one")
    await visitor.send("two")

    assert len(await newsroom.query("SELECT 1 FROM sealdrop.source")) == 1
    assert [content for _, content in await newsroom.opened()] == [b"one", b"two"]


async def test_two_visitors_are_two_sources(newsroom: Newsroom, visitor: Visitor) -> None:
    async with Visitor(newsroom.url) as other:
        await visitor.send("one")
        await other.send("two")

        assert await visitor.codename() != await other.codename()
    assert len(await newsroom.query("SELECT 1 FROM sealdrop.source")) == 2


async def test_an_empty_form_is_told_so_and_stores_nothing(newsroom: Newsroom, visitor: Visitor) -> None:
    answer = await visitor.send("  \r\n ")

    assert answer.status_code == 400
    assert "nothing to send" in answer.text
    assert await newsroom.is_empty()
