"""Coming back: log in, read what a worker stored, delete, log out; and what the hub can and cannot do to it."""

import re
from itertools import pairwise

from tests.integration.source_api.newsroom import Newsroom, Visitor


async def test_a_source_comes_back_with_its_codename_and_reads_the_reply(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("hello")
    codename = await visitor.codename()
    await newsroom.reply("Thank you.\nWho else knows? <b>&")

    async with Visitor(newsroom.url) as later:
        await later.log_in(codename.replace(" ", "  ").title())
        inbox = await later.web.get("/inbox")

    assert "Thank you.\nWho else knows? &lt;b&gt;&amp;" in inbox.text
    assert not any(f">{word}<" in inbox.text for word in codename.split())


async def test_replies_are_shown_newest_first_and_deleted_for_good(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("hello")
    for text in ("first", "second", "third"):
        await newsroom.reply(f"the {text} one")

    page = (await visitor.web.get("/inbox")).text
    assert re.findall(r"the (\w+) one", page) == ["third", "second", "first"]
    path = re.findall(r'action="(/reply/[^"]+/delete)"', page)[1]
    page = (await visitor.post(path, "/inbox")).text

    assert re.findall(r"the (\w+) one", page) == ["third", "first"]
    assert len(await newsroom.query("SELECT 1 FROM sealdrop.item WHERE kind = 'reply'")) == 2
    shown = re.findall(r'name="shown" value="([^"]+)"', page)[0]
    page = (await visitor.post("/inbox/delete", "/inbox", shown=shown)).text
    assert "There is no reply yet" in page
    assert await newsroom.query("SELECT 1 FROM sealdrop.item WHERE kind = 'reply'") == []


async def test_a_reply_the_hub_altered_is_not_shown_as_one(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("hello")
    await newsroom.reply("genuine")
    alter = """UPDATE sealdrop.vault_chunk SET sealed = set_byte(sealed, 100, get_byte(sealed, 100) # 1)
               WHERE item_id = (SELECT id FROM sealdrop.item WHERE kind = 'reply')"""
    await newsroom.query(alter)

    page = (await visitor.web.get("/inbox")).text

    assert "genuine" not in page
    assert "cannot be opened" in page


async def test_the_codename_and_what_it_gives_are_nowhere_in_the_database(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("hello")
    codename = await visitor.codename()

    rows = str(await newsroom.query("SELECT s::text FROM sealdrop.source s"))

    # Pairs: a single short word can stand in a recipient's letters, or be one of a designation's, by chance.
    pairs = list(pairwise(codename.split()))
    assert not any(f"{one}{between}{two}" in rows for one, two in pairs for between in ("", " ", "-", "_"))


async def test_a_deleted_source_is_logged_out_and_unknown(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("hello")
    codename = await visitor.codename()
    await newsroom.query("DELETE FROM sealdrop.source")

    assert "This conversation was deleted" in (await visitor.web.get("/inbox")).text
    assert "Nobody has this codename" in (await visitor.log_in(codename)).text


async def test_a_returning_source_adds_to_its_conversation(newsroom: Newsroom, visitor: Visitor) -> None:
    await visitor.send("one")
    codename = await visitor.codename()

    async with Visitor(newsroom.url) as later:
        await later.log_in(codename)
        await later.send("two")
        sent = (await later.web.get("/sent")).text

    assert "Your codename" not in sent
    assert [content for _, content in await newsroom.opened()] == [b"one", b"two"]
    assert len(await newsroom.query("SELECT 1 FROM sealdrop.source")) == 1


async def test_logging_out_ends_the_visit(visitor: Visitor) -> None:
    await visitor.send("hello")

    await visitor.post("/logout", "/inbox")

    assert str((await visitor.web.get("/inbox")).url.path) == "/login"
