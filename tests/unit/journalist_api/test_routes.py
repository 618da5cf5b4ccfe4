"""Sources, items, downloads, replies."""

import base64
import hashlib
import secrets
from uuid import uuid4

import pytest
from contract.audit import EventName
from contract.limits import FRAME_BYTES, MAX_REPLY_BYTES
from handover.errors import HandOverFailed, NotConfirmed, Offline

from tests.unit.journalist_api.fakes import FakeItem, Site
from tests.unit.journalist_api.test_replies import sealed

REPLY = sealed(16 * 1024)
AGE = {"content-type": "application/octet-stream"}


def site_with_file() -> tuple[Site, FakeItem]:
    site = Site()
    item = FakeItem(secrets.token_bytes(1300), secrets.token_bytes(2 * FRAME_BYTES + 100))
    site.database.items.append(item)
    return site, item


async def test_me_repeats_the_csrf_token_of_the_session() -> None:
    async with Site().journalist() as client:
        answer = await client.get("/api/v1/me")

    assert answer.json() == {"username": "ada", "is_admin": False, "csrf_token": client.headers["x-csrf-token"]}


async def test_sources_come_with_their_signed_card() -> None:
    site, _ = site_with_file()
    expected = {
        "id": str(site.database.source_id),
        "designation": "Amber Falcon",
        "items": 1,
        "newest_day": "2026-11-24",
        "starred": False,
        "reply_recipient": "age1pqexample",
        "source_card": base64.b64encode(b"a card").decode(),
    }
    async with site.journalist() as client:
        assert (await client.get("/api/v1/sources")).json() == {"sources": [expected]}
        assert (await client.get(f"/api/v1/sources/{site.database.source_id}")).json() == expected


async def test_items_come_with_size_and_hash() -> None:
    site, item = site_with_file()
    async with site.journalist() as client:
        (answer,) = (await client.get(f"/api/v1/sources/{site.database.source_id}/items")).json()["items"]

    assert answer == {
        "id": str(item.id),
        "submission_id": str(item.submission_id),
        "kind": "file",
        "position": 1,
        "size_class": 65536,
        "file_bytes": len(item.file),
        "file_sha256": hashlib.sha256(item.file).hexdigest(),
    }


@pytest.mark.parametrize("path", ["sources/{0}", "sources/{0}/items", "items/{0}/file", "items/{0}/receipt"])
async def test_what_is_not_there_is_404(path: str) -> None:
    async with Site().journalist() as client:
        answer = await client.get(f"/api/v1/{path.format(uuid4())}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_a_whole_file_is_byte_identical_with_name_length_and_hash() -> None:
    site, item = site_with_file()
    async with site.journalist() as client:
        answer = await client.get(f"/api/v1/items/{item.id}/file")

    assert (answer.status_code, answer.content) == (200, item.file)
    assert answer.headers["content-length"] == str(len(item.file))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="amber-falcon-1-file.age"'
    assert answer.headers["etag"] == f'"{hashlib.sha256(item.file).hexdigest()}"'
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_file_in_pieces_is_byte_identical() -> None:
    site, item = site_with_file()
    pieces = []
    async with site.journalist() as client:
        etag = (await client.get(f"/api/v1/items/{item.id}/file", headers={"range": "bytes=0-0"})).headers["etag"]
        for start in range(0, len(item.file), 100_000):
            headers = {"range": f"bytes={start}-{start + 99_999}", "if-range": etag}
            answer = await client.get(f"/api/v1/items/{item.id}/file", headers=headers)
            assert answer.status_code == 206
            last = min(start + 100_000, len(item.file)) - 1
            assert answer.headers["content-range"] == f"bytes {start}-{last}/{len(item.file)}"
            pieces.append(answer.content)

    assert b"".join(pieces) == item.file


async def test_a_range_behind_the_end_is_416_and_says_the_size() -> None:
    site, item = site_with_file()
    async with site.journalist() as client:
        answer = await client.get(f"/api/v1/items/{item.id}/file", headers={"range": "bytes=9999999-"})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(item.file)}"
    assert answer.json()["error"]["code"] == "bad_range"


async def test_a_receipt_is_named_after_its_item() -> None:
    site, item = site_with_file()
    async with site.journalist() as client:
        answer = await client.get(f"/api/v1/items/{item.id}/receipt")

    assert answer.content == b"a receipt"
    assert answer.headers["content-disposition"] == 'attachment; filename="amber-falcon-1-file.receipt"'


async def test_deleting_is_done_once_and_audited() -> None:
    site, item = site_with_file()
    async with site.journalist() as client:
        first = await client.delete(f"/api/v1/items/{item.id}")
        second = await client.delete(f"/api/v1/items/{item.id}")
        source = await client.delete(f"/api/v1/sources/{site.database.source_id}")
        other = await client.delete(f"/api/v1/sources/{uuid4()}")

    assert [answer.status_code for answer in (first, second, source, other)] == [204, 404, 204, 404]
    journalist = site.database.account.id
    assert site.audit.events[1:] == [(EventName.JOURNALIST_DELETED, journalist)] * 2


async def test_the_keyset_is_handed_out_as_it_was_signed() -> None:
    async with Site().journalist() as client:
        answer = await client.get("/api/v1/keyset")

    assert answer.json() == {"generation": 3, "keyset": base64.b64encode(b"signed").decode()}


async def test_a_sealed_reply_is_stored_and_answered_with_its_receipt() -> None:
    site, item_id = Site(), uuid4()
    async with site.journalist() as client:
        path = f"/api/v1/sources/{site.database.source_id}/replies"
        answer = await client.post(path, content=REPLY, headers={**AGE, "x-item-id": str(item_id)})

    assert answer.status_code == 201
    assert answer.json()["item_id"] == str(item_id)
    assert answer.json()["position"] == 7
    assert base64.b64decode(answer.json()["receipt"]) == b"a receipt"
    ((source_id, described, sent),) = site.sender.sent
    assert (source_id, described.item_id, sent) == (site.database.source_id, item_id, REPLY)
    assert site.audit.events[-1] == (EventName.JOURNALIST_REPLIED, site.database.account.id)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"plain words", AGE, 422),
        (REPLY[:-1], AGE, 422),
        (REPLY, {"content-type": "text/plain"}, 422),
        (bytes(MAX_REPLY_BYTES + 1), AGE, 413),
    ],
)
async def test_what_is_not_a_sealed_reply_never_reaches_a_worker(
    body: bytes, headers: dict[str, str], status: int
) -> None:
    site = Site()
    async with site.journalist() as client:
        path = f"/api/v1/sources/{site.database.source_id}/replies"
        answer = await client.post(path, content=body, headers={**headers, "x-item-id": str(uuid4())})

    assert answer.status_code == status
    assert site.sender.sent == []


async def test_a_reply_without_an_item_id_or_to_nobody_is_refused() -> None:
    site = Site()
    async with site.journalist() as client:
        without = await client.post(f"/api/v1/sources/{site.database.source_id}/replies", content=REPLY, headers=AGE)
        path = f"/api/v1/sources/{uuid4()}/replies"
        nobody = await client.post(path, content=REPLY, headers={**AGE, "x-item-id": str(uuid4())})

    assert (without.status_code, nobody.status_code) == (400, 404)
    assert site.sender.sent == []


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Offline("x"), 503, "offline"),
        (HandOverFailed("x"), 503, "not_stored"),
        (NotConfirmed("x"), 504, "not_confirmed"),
    ],
)
async def test_a_reply_that_is_not_stored_is_never_acknowledged(failure: Exception, status: int, code: str) -> None:
    site = Site()
    site.sender.failure = failure
    async with site.journalist() as client:
        path = f"/api/v1/sources/{site.database.source_id}/replies"
        answer = await client.post(path, content=REPLY, headers={**AGE, "x-item-id": str(uuid4())})

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert EventName.JOURNALIST_REPLIED not in [name for name, _ in site.audit.events]
