"""Replies: only what a worker signed, and only what was sealed to this source."""

import io
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.postgres import DatabaseError
from handover.producer import FenceUnavailable
from sealing.age import seal
from sealing.errors import SealingError
from sealing.header import read_header
from sealing.item import ItemSealer
from sealing.payload import PayloadOpener
from sealing.receipts import Receipt, ReceiptItem, sign_receipt
from sealing.secrets import FileKey
from sealing.signing import SigningKey
from source_api.inbox import Inbox, SourceGone, open_reply
from source_api.sessions import Source
from source_api.store import Fence, SealedReply, Store

from tests.unit.source_api.fakes import FakeRows, quick_derive
from tests.unit.source_api.site import Site

WORKER = SigningKey.generate()
SOURCE = Source(quick_derive("a source", b"", b""), uuid4(), is_known=True)
OTHER = Source(quick_derive("another", b"", b""), uuid4(), is_known=True)


def padded(item_id: UUID, text: str, kind: str = "reply") -> bytes:
    key = FileKey.random()
    sealer = ItemSealer(key, kind, item_id, "", None)
    opener = PayloadOpener(key)
    return opener.update(sealer.update(text.encode()) + sealer.final()) + opener.final()


def sealed_file(item_id: UUID, text: str, to: Source) -> tuple[bytes, bytes]:
    """Header and payload. Whoever knows a source's recipient can make this: the hub does."""
    file = io.BytesIO()
    seal(io.BytesIO(padded(item_id, text)), file, [to.keys.identity.recipient])
    header = read_header(file.getvalue())
    assert header is not None
    return file.getvalue()[: header.length], file.getvalue()[header.length :]


def reply(
    text: str = "Thank you.", to: Source = SOURCE, signer: SigningKey = WORKER, position: int = 3, **changed: object
) -> SealedReply:
    """As the worker stores it."""
    item_id = uuid4()
    header, payload = sealed_file(item_id, text, to)
    age_file = header + payload
    digest = sha256(age_file).hexdigest()
    item = ReceiptItem(item_id, "reply", position, digest, digest, 16_384)
    receipt = Receipt(uuid4(), to.source_id, (item,), ("0" * 64,), 1, signer.hex)
    receipt = replace(receipt, **changed)  # type: ignore[arg-type]  # fields of a receipt, by name
    return SealedReply(item_id, header, payload, sign_receipt(signer, receipt))


def opened(sealed: SealedReply, source: Source = SOURCE) -> str | None:
    try:
        return open_reply([WORKER.verify_key], source, sealed).text
    except SealingError:
        return None


def test_a_reply_to_this_source_is_opened() -> None:
    assert opened(reply("Merci –\nà bientôt")) == "Merci –\nà bientôt"


@pytest.mark.parametrize(
    "sealed",
    [
        reply(signer=SigningKey.generate()),
        reply(source_id=uuid4()),
        reply(to=OTHER),
        replace(reply(), item_id=uuid4()),
        replace(reply(), receipt=reply().receipt),
        replace(reply(), receipt=b""),
        replace(reply(), payload=b""),
    ],
    ids=["made up", "another source's", "sealed to another", "renamed", "another's receipt", "no receipt", "cut"],
)
def test_what_the_hub_made_up_or_swapped_is_not_shown(sealed: SealedReply) -> None:
    assert opened(sealed) is None


def test_a_reply_the_hub_sealed_itself_does_not_pass_under_a_genuine_receipt() -> None:
    genuine = reply("genuine")
    header, payload = sealed_file(genuine.item_id, "forged", SOURCE)

    assert opened(replace(genuine, header=header, payload=payload)) is None


def test_a_reply_with_any_byte_changed_is_not_shown() -> None:
    sealed = reply()

    for at in range(0, len(sealed.payload), 997):
        payload = bytearray(sealed.payload)
        payload[at] ^= 1
        assert opened(replace(sealed, payload=bytes(payload))) is None


def stored_in(rows: FakeRows, sealed: SealedReply, source: Source = SOURCE) -> None:
    rows.sources[source.keys.lookup_id] = {"source_id": source.source_id, "card": b""}
    row = {"header": sealed.header, "receipt": sealed.receipt, "sealed": sealed.payload}
    rows.replies[source.keys.lookup_id, sealed.item_id] = row


async def test_a_damaged_reply_does_not_hide_the_others() -> None:
    async with Site() as site:
        good, bad = reply("good"), replace(reply(), payload=b"bad")
        missing = uuid4()
        stored_in(site.rows, good)
        stored_in(site.rows, bad)
        site.rows.replies[SOURCE.keys.lookup_id, missing] = {"header": b"", "receipt": b"", "sealed": None}
        inbox = Inbox(Store(site.rows), site.derivation, [WORKER.verify_key])

        replies = await inbox.read(SOURCE)

    assert [(each.item_id, each.text) for each in replies] == [
        (good.item_id, "good"),
        (bad.item_id, None),
        (missing, None),
    ]


async def test_the_hub_can_neither_turn_replies_around_nor_show_one_twice() -> None:
    class HubRows(FakeRows):
        async def fetch(self, name: str, *arguments: object) -> list[Any]:
            rows = await super().fetch(name, *arguments)
            return [*reversed(rows), *rows]

    async with Site() as site:
        hub = HubRows()
        for sealed in (reply("third", position=7), reply("second", position=5), reply("first", position=2)):
            stored_in(hub, sealed)
        inbox = Inbox(Store(hub), site.derivation, [WORKER.verify_key])

        assert [each.text for each in await inbox.read(SOURCE)] == ["third", "second", "first"]


async def test_a_source_deletes_its_own_replies_and_nobody_else_s() -> None:
    async with Site() as site:
        own, foreign = reply(), reply(to=OTHER)
        stored_in(site.rows, own)
        stored_in(site.rows, foreign, OTHER)
        inbox = Inbox(Store(site.rows), site.derivation, [WORKER.verify_key])

        await inbox.delete_all(SOURCE, [own.item_id, foreign.item_id])

        assert list(site.rows.replies) == [(OTHER.keys.lookup_id, foreign.item_id)]


async def test_a_deleted_source_is_gone() -> None:
    async with Site() as site:
        with pytest.raises(SourceGone):
            await Inbox(Store(site.rows), site.derivation, []).read(SOURCE)


async def test_the_fence_tells_stored_given_up_and_nothing() -> None:
    rows, upload = FakeRows(), uuid4()
    assert await Fence(rows).give_up(upload) is None

    rows.outcomes[upload] = {"state": "stored", "receipt": b"receipt"}
    assert await Fence(rows).give_up(upload) == b"receipt"

    for word in (
        {"state": "stored", "receipt": None},
        {"state": "given_up", "receipt": b"x"},
        {"state": "", "receipt": None},
    ):
        rows.outcomes[upload] = word
        with pytest.raises(FenceUnavailable):
            await Fence(rows).give_up(upload)

    rows.error = DatabaseError("x")
    with pytest.raises(FenceUnavailable):
        await Fence(rows).give_up(upload)
