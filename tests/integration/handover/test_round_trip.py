"""What is submitted lies in the vault as age files that the SVS opens, and what was received is what was sent."""

import asyncio
import hashlib
import os

import pytest
from contract.messages import FinishedItem, ItemKind, UploadKind
from handover.errors import HandOverFailed
from handover.stored import Stored
from sealing.age import open_bytes
from sealing.identities import HybridIdentity
from sealing.receipts import open_receipt

from tests.integration.handover.newsroom import Newsroom, Producer, eventually
from tests.integration.handover.posts import Content, Source, opened, sealed_zip, submit

MESSAGE = Content(b"Please look at page 4.", ItemKind.MESSAGE, None)


async def reply(producer: Producer, source: Source, file: bytes, size_class: int = 16_384) -> Stored:
    """As journalist-api hands on what a browser sealed."""
    content = Content(file, ItemKind.REPLY)
    transfer = await producer.handover.begin(UploadKind.REPLY, source.id)
    async with transfer:
        await transfer.start_item(content.kind, content.id)
        await transfer.send(file)
        claim = FinishedItem(
            item_id=content.id,
            kind=content.kind,
            payload_bytes=len(file),
            payload_sha256=hashlib.sha256(file).hexdigest(),
            size_class=size_class,
        )
        return await transfer.finish([claim])


async def test_submission_of_several_items_is_stored_and_opens(newsroom: Newsroom) -> None:
    await newsroom.add_worker()
    producer = await newsroom.add_producer()
    await newsroom.open(producer)
    source, small, large = Source(), Content(b"x" * 1000), Content(os.urandom(9_000_000))

    stored = await submit(producer, source, MESSAGE, small, large)

    assert [item.position for item in stored.receipt.items] == [1, 2, 3]
    assert stored.source_card is not None
    assert opened(newsroom.stored_file(MESSAGE.id), newsroom.svs) == MESSAGE.plaintext
    assert opened(newsroom.stored_file(small.id), newsroom.svs) == small.plaintext
    file = newsroom.stored_file(large.id)
    assert large.plaintext in open_bytes(file, [newsroom.svs])
    for item in stored.receipt.items:
        assert hashlib.sha256(newsroom.stored_file(item.item_id)).hexdigest() == item.file_sha256
    assert newsroom.count("pending") == newsroom.count("pending_item") == 0
    kept = newsroom.postgres.sql("SELECT encode(body, 'hex') FROM sealdrop.receipt", newsroom.database)
    assert open_receipt(newsroom.keys["worker-1"].verify_key, bytes.fromhex(kept)) == stored.receipt


async def test_second_submission_continues_the_conversation(newsroom: Newsroom) -> None:
    await newsroom.add_worker()
    producer = await newsroom.add_producer()
    await newsroom.open(producer)
    source = Source()
    await submit(producer, source, MESSAGE, Content(b"one"))

    again = await submit(producer, source, Content(b"two"))

    assert [item.position for item in again.receipt.items] == [3]
    assert again.source_card is None
    assert newsroom.count("source") == 1


async def test_reply_is_read_by_the_source_and_by_the_svs(newsroom: Newsroom) -> None:
    await newsroom.add_worker()
    source_api, journalist_api = await newsroom.add_producer(), await newsroom.add_producer("journalist-1")
    await newsroom.open(source_api)
    await newsroom.open(journalist_api)
    source = Source()
    await submit(source_api, source, MESSAGE)
    file = sealed_zip(bytes(16_384), source.identity, newsroom.svs)

    stored = await reply(journalist_api, source, file)

    kept = newsroom.stored_file(stored.receipt.items[0].item_id)
    assert kept == file
    assert stored.receipt.items[0].position == 2
    for identity in (source.identity, newsroom.svs):
        assert open_bytes(kept, [identity]) == bytes(16_384)


async def test_reply_to_nobody_or_for_others_is_not_stored(newsroom: Newsroom) -> None:
    await newsroom.add_worker()
    source_api, journalist_api = await newsroom.add_producer(), await newsroom.add_producer("journalist-1")
    await newsroom.open(source_api)
    await newsroom.open(journalist_api)
    source = Source()
    await submit(source_api, source, MESSAGE)

    for recipients in [(source.identity,), (source.identity, newsroom.svs, HybridIdentity.generate())]:
        with pytest.raises(HandOverFailed):
            await reply(journalist_api, source, sealed_zip(bytes(16_384), *recipients))
    with pytest.raises(HandOverFailed):
        await reply(journalist_api, Source(), sealed_zip(bytes(16_384), source.identity, newsroom.svs))

    await eventually(lambda: newsroom.count("pending") == 0)
    assert newsroom.count("item") == 1


async def test_several_workers_serve_side_by_side(newsroom: Newsroom) -> None:
    await newsroom.add_worker("worker-1")
    await newsroom.add_worker("worker-2")
    producers = [await newsroom.add_producer("source-1"), await newsroom.add_producer("source-2")]
    for producer in producers:
        await newsroom.open(producer, workers=2)
    contents = [Content(f"document {number}".encode() * 20_000) for number in range(12)]

    stored = await asyncio.gather(
        *(submit(producers[number % 2], Source(), content) for number, content in enumerate(contents))
    )

    assert {each.receipt.worker for each in stored} == {newsroom.keys[name].hex for name in ("worker-1", "worker-2")}
    assert newsroom.count("source") == 12
    for content in contents:
        assert opened(newsroom.stored_file(content.id), newsroom.svs) == content.plaintext


async def test_two_first_submissions_of_one_source_at_once_make_one_source(newsroom: Newsroom) -> None:
    await newsroom.add_worker()
    producer = await newsroom.add_producer()
    await newsroom.open(producer)
    source = Source()

    both = await asyncio.gather(submit(producer, source, Content(b"a")), submit(producer, source, Content(b"b")))

    assert sorted(each.receipt.items[0].position for each in both) == [1, 2]
    assert newsroom.count("source") == 1
    assert sum(each.source_card is not None for each in both) == 1
