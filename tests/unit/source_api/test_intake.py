"""The plaintext path against adversarial chunks and forms."""

from hashlib import sha256
from uuid import uuid4

import pytest
from contract.messages import ItemKind
from handover.producer import HandOverFailed, Transfer
from source_api.intake import Intake
from source_api.refusals import Reason, Refusal

from tests.unit.source_api.fakes import BOUNDARY, FakeTransfer, as_transfer, multipart

TOKEN = ("csrf_token", None, b"good")


class Desk:
    """Accepts the token "good"; opens one transfer."""

    def __init__(self) -> None:
        self.transfer = FakeTransfer(uuid4())
        self.tokens: list[str] = []
        self.begun = 0

    async def on_token(self, token: str) -> None:
        self.tokens.append(token)
        if token != "good":
            raise Refusal(Reason.EXPIRED)

    async def begin(self) -> tuple[Transfer, str]:
        self.begun += 1
        return as_transfer(self.transfer), "age1pq-recipient"


async def take(desk: Desk, *chunks: bytes) -> int:
    async with Intake(BOUNDARY, desk) as intake:
        for chunk in chunks:
            await intake.take(chunk)
        _, upload_id, items = await intake.finish()
    assert upload_id == desk.transfer.upload_id
    return items


async def refusal_of(*chunks: bytes, desk: Desk | None = None) -> Reason:
    desk = desk or Desk()
    with pytest.raises(Refusal) as caught:
        await take(desk, *chunks)
    assert not desk.transfer.is_finished
    assert desk.transfer.is_aborted == bool(desk.begun)
    return caught.value.reason


SMALL = multipart(TOKEN, ("message", None, b"hi"), ("files", "a", b"\r\n--x"), ("files", "", b""))


@pytest.mark.parametrize("cut", range(len(SMALL) + 1))
async def test_the_same_items_come_out_wherever_the_body_is_cut(cut: int) -> None:
    desk = Desk()

    assert await take(desk, SMALL[:cut], SMALL[cut:]) == 2

    assert [(manifest.name, content) for manifest, content in desk.transfer.opened()] == [
        (None, b"hi"),
        ("a", b"\r\n--x"),
    ]


async def test_what_is_finished_describes_what_was_sent() -> None:
    desk = Desk()
    content = bytes(range(256)) * 3000

    await take(desk, multipart(TOKEN, ("message", None, b"text"), ("files", "big.bin", content)))

    for finished, (kind, item_id, payload) in zip(desk.transfer.sent, desk.transfer.items, strict=True):
        assert (finished.kind, finished.item_id, finished.payload_bytes) == (kind, item_id, len(payload))
        assert finished.payload_sha256 == sha256(payload).hexdigest()
    assert [finished.kind for finished in desk.transfer.sent] == [ItemKind.MESSAGE, ItemKind.FILE]
    (message, _), (file, opened) = desk.transfer.opened()
    assert (message.reply_recipient, file.reply_recipient) == ("age1pq-recipient", "age1pq-recipient")
    assert (file.name, opened) == ("big.bin", content)


async def test_a_form_without_message_or_file_is_empty_and_begins_nothing() -> None:
    desk = Desk()

    assert (
        await refusal_of(multipart(TOKEN, ("message", None, b" \r\n\t"), ("files", "", b"")), desk=desk) is Reason.EMPTY
    )

    assert desk.begun == 0


async def test_a_file_with_a_name_and_no_bytes_is_an_item() -> None:
    desk = Desk()

    assert await take(desk, multipart(TOKEN, ("files", "empty", b""))) == 1

    assert desk.transfer.opened()[0][1] == b""


async def test_bytes_in_a_file_field_without_a_name_are_not_lost() -> None:
    desk = Desk()

    assert await take(desk, multipart(TOKEN, ("files", "", b"bytes"), ("files", None, b"more"))) == 2

    assert [(manifest.name, content) for manifest, content in desk.transfer.opened()] == [
        (None, b"bytes"),
        (None, b"more"),
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/dev/null", "C:x\u202egnp.exe", "a" * 300, "имя.txt"])
async def test_a_name_is_kept_inside_the_sealed_item_and_touches_nothing_else(name: str) -> None:
    desk = Desk()

    await take(desk, multipart(TOKEN, ("files", name, b"x")))

    assert desk.transfer.opened()[0][0].name == name


async def test_no_byte_of_a_file_is_looked_at_before_a_valid_token() -> None:
    desk = Desk()
    body = multipart(("files", "a", b"secret"), TOKEN)

    assert await refusal_of(body[: body.index(b"secret")], desk=desk) is Reason.EXPIRED

    assert desk.begun == 0


async def test_a_bad_token_ends_the_post_before_the_message() -> None:
    desk = Desk()

    assert (
        await refusal_of(multipart(("csrf_token", None, b"bad"), ("message", None, b"x")), desk=desk) is Reason.EXPIRED
    )

    assert desk.begun == 0


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([("message", None, b"x"), TOKEN], Reason.EXPIRED),
        ([("csrf_token", None, b"x" * 300)], Reason.EXPIRED),
        ([TOKEN, TOKEN, ("message", None, b"x")], Reason.MALFORMED),
        ([TOKEN, ("message", None, b"x"), ("message", None, b"y")], Reason.MALFORMED),
        ([TOKEN, ("files", "a", b"x"), ("message", None, b"y")], Reason.MALFORMED),
        ([TOKEN, ("other", None, b"x")], Reason.MALFORMED),
        ([TOKEN, ("message", None, b"\xff\xfe")], Reason.MALFORMED),
        ([], Reason.MALFORMED),
    ],
)
async def test_a_form_of_another_shape_is_refused(parts: list[tuple[str, str | None, bytes]], reason: Reason) -> None:
    assert await refusal_of(multipart(*parts)) is reason


async def test_a_body_that_ends_early_is_refused_and_aborted() -> None:
    assert await refusal_of(multipart(TOKEN, ("files", "a", b"x" * 100))[:-20]) is Reason.MALFORMED


@pytest.mark.parametrize("letter", ["a", "é", "日", "🜁", "\r\n"])
async def test_a_message_of_100_000_characters_is_taken_and_one_more_is_not(letter: str) -> None:
    desk = Desk()
    most = ("x" + letter * 99_998 + "x").encode()

    assert await take(desk, multipart(TOKEN, ("message", None, most))) == 1
    assert await refusal_of(multipart(TOKEN, ("message", None, most + b"x"))) is Reason.TOO_LONG

    assert desk.transfer.opened()[0][1] == most.replace(b"\r\n", b"\n")


async def test_an_endless_message_is_refused_before_it_is_read_whole() -> None:
    head = multipart(TOKEN, ("message", None, b""))[: -len(BOUNDARY) - 8]

    assert await refusal_of(head, *[b"x" * 50_000] * 9) is Reason.TOO_LONG


async def test_a_hundred_items_are_taken_and_one_more_is_not() -> None:
    files: list[tuple[str, str | None, bytes]] = [("files", f"{number}", b"x") for number in range(101)]

    assert await take(Desk(), multipart(TOKEN, *files[:100])) == 100
    assert await refusal_of(multipart(TOKEN, *files)) is Reason.TOO_MANY


async def test_empty_file_fields_without_end_are_refused() -> None:
    """They are no items; read without a bound, 1 MB/s of them took most of a core."""
    nothing = [("files", "", b"")]

    assert await take(Desk(), multipart(TOKEN, ("message", None, b"hi"), *nothing * 100)) == 1
    assert await refusal_of(multipart(TOKEN, ("message", None, b"hi"), *nothing * 200)) is Reason.TOO_MANY


async def test_a_failing_hand_over_is_passed_on_and_aborted() -> None:
    desk = Desk()
    desk.transfer.failed.set()

    with pytest.raises(HandOverFailed):
        await take(desk, multipart(TOKEN, ("message", None, b"x")))

    assert desk.transfer.is_aborted


async def test_no_more_than_a_chunk_is_held_while_a_long_file_streams_by() -> None:
    desk = Desk()
    head, tail = multipart(TOKEN, ("files", "a", b"SPLIT")).split(b"SPLIT")
    held = 0

    async with Intake(BOUNDARY, desk) as intake:
        await intake.take(head)
        for number in range(1, 65):
            await intake.take(bytes(65_536))
            held = max(held, number * 65_536 - len(desk.transfer.items[0][2]))
        await intake.take(tail)
        await intake.finish()

    assert held < 3 * 65_536
