"""From a submission to a download, from a sealed reply to the vault, and to deletion."""

import hashlib
import io
import secrets
from uuid import UUID, uuid4

from contract.limits import FRAME_BYTES
from contract.messages import ItemKind
from sealing.age import open_bytes, seal
from sealing.identities import HybridIdentity
from sealing.item import open_item_bytes
from sealing.receipts import open_receipt, open_source_card
from sealing.signing import VerifyKey

from tests.integration.journalist_api.newsroom import Newsroom, from_base64

AGE = {"content-type": "application/octet-stream"}


async def test_a_submission_is_listed_and_its_download_is_byte_identical_in_pieces(newsroom: Newsroom) -> None:
    content = secrets.token_bytes(3 * FRAME_BYTES)
    stored = await newsroom.submit((ItemKind.MESSAGE, b"hello"), (ItemKind.FILE, content))
    async with newsroom.client() as client:
        (source,) = (await client.get("/api/v1/sources")).json()["sources"]
        items = (await client.get(f"/api/v1/sources/{newsroom.source_id}/items")).json()["items"]
        whole = await client.get(f"/api/v1/items/{items[1]['id']}/file")
        pieces = []
        for start in range(0, items[1]["file_bytes"], 300_001):
            headers = {"range": f"bytes={start}-{start + 300_000}", "if-range": whole.headers["etag"]}
            part = await client.get(f"/api/v1/items/{items[1]['id']}/file", headers=headers)
            assert part.status_code == 206
            pieces.append(part.content)

    assert (source["id"], source["items"]) == (str(newsroom.source_id), 2)
    assert [(item["kind"], item["position"]) for item in items] == [("message", 1), ("file", 2)]
    assert b"".join(pieces) == whole.content
    assert hashlib.sha256(whole.content).hexdigest() == stored.receipt.items[1].file_sha256
    opened = open_bytes(whole.content, [newsroom.keys.svs])
    assert content in opened


async def test_card_and_receipt_are_the_workers_own(newsroom: Newsroom) -> None:
    stored = await newsroom.submit((ItemKind.MESSAGE, b"hello"))
    key = VerifyKey(newsroom.keys.worker.public)
    async with newsroom.client() as client:
        source = (await client.get(f"/api/v1/sources/{newsroom.source_id}")).json()
        receipt = await client.get(f"/api/v1/items/{stored.receipt.items[0].item_id}/receipt")

    card = open_source_card(key, from_base64(source["source_card"]))
    assert (card.source_id, card.reply_recipient) == (newsroom.source_id, str(newsroom.source_identity.recipient))
    assert source["reply_recipient"] == card.reply_recipient
    assert receipt.content == stored.receipt_blob
    assert open_receipt(key, receipt.content) == stored.receipt


async def test_a_sealed_reply_is_stored_by_the_worker_and_opens_for_source_and_svs(newsroom: Newsroom) -> None:
    await newsroom.submit((ItemKind.MESSAGE, b"hello"))
    item_id = uuid4()
    age_file = newsroom.sealed_reply(item_id, b"thank you")
    async with newsroom.client() as client:
        path = f"/api/v1/sources/{newsroom.source_id}/replies"
        answer = await client.post(path, content=age_file, headers={**AGE, "x-item-id": str(item_id)})
        assert answer.status_code == 201, answer.text
        back = (await client.get(f"/api/v1/items/{item_id}/file")).content

    receipt = open_receipt(VerifyKey(newsroom.keys.worker.public), from_base64(answer.json()["receipt"]))
    assert (receipt.source_id, receipt.items[0].item_id) == (newsroom.source_id, item_id)
    assert answer.json()["position"] == 2
    assert back == age_file
    for identity in (newsroom.source_identity, newsroom.keys.svs):
        manifest, text = open_item_bytes(open_bytes(back, [identity]))
        assert (manifest.item_id, text) == (item_id, b"thank you")


async def test_the_source_finds_the_reply_by_its_lookup_id(newsroom: Newsroom) -> None:
    await newsroom.submit((ItemKind.MESSAGE, b"hello"))
    item_id = uuid4()
    async with newsroom.client() as client:
        path = f"/api/v1/sources/{newsroom.source_id}/replies"
        sealed = newsroom.sealed_reply(item_id, b"thank you")
        await client.post(path, content=sealed, headers={**AGE, "x-item-id": str(item_id)})

    rows = await newsroom.query("SELECT item_id FROM sealdrop.source_replies($1)", newsroom.lookup_id)
    assert [row["item_id"] for row in rows] == [item_id]


async def test_a_reply_the_worker_refuses_is_not_stored(newsroom: Newsroom) -> None:
    await newsroom.submit((ItemKind.MESSAGE, b"hello"))
    sealed = io.BytesIO(newsroom.sealed_reply(uuid4(), b"x"))
    three = _resealed_to_three(newsroom, sealed.getvalue())
    async with newsroom.client() as client:
        path = f"/api/v1/sources/{newsroom.source_id}/replies"
        answer = await client.post(path, content=three, headers={**AGE, "x-item-id": str(uuid4())})

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_stored")
    assert await newsroom.query("SELECT 1 FROM sealdrop.item WHERE kind = 'reply'") == []


async def test_deleted_items_and_sources_leave_nothing_in_the_vault(newsroom: Newsroom) -> None:
    stored = await newsroom.submit((ItemKind.MESSAGE, b"hello"), (ItemKind.FILE, secrets.token_bytes(1000)))
    first: UUID = stored.receipt.items[0].item_id
    async with newsroom.client() as client:
        assert (await client.delete(f"/api/v1/items/{first}")).status_code == 204
        assert (await client.get(f"/api/v1/items/{first}/file")).status_code == 404
        left = await newsroom.query("SELECT item_id FROM sealdrop.vault_chunk")
        assert {row["item_id"] for row in left} == {stored.receipt.items[1].item_id}

        assert (await client.delete(f"/api/v1/sources/{newsroom.source_id}")).status_code == 204
        assert (await client.get("/api/v1/sources")).json() == {"sources": []}

    assert await newsroom.query("SELECT 1 FROM sealdrop.vault_chunk") == []


def _resealed_to_three(newsroom: Newsroom, age_file: bytes) -> bytes:
    """To one recipient more than the keyset allows."""
    stranger = HybridIdentity.generate().recipient
    writer = io.BytesIO()
    plaintext = open_bytes(age_file, [newsroom.keys.svs])
    seal(io.BytesIO(plaintext), writer, [newsroom.source_identity.recipient, newsroom.keys.svs.recipient, stranger])
    return writer.getvalue()
