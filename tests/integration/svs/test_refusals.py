"""`svs open` when it must not open: one clear line, exit code 1, nothing left behind."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from sealing.age import seal_bytes
from sealing.header import seal_header
from sealing.identities import HybridIdentity
from sealing.secrets import FileKey

from tests.integration.svs.room import Room, refused, run
from tests.integration.svs.samples import SOURCE_ID, STRANGER, seal_item


def cut(blob: bytes) -> bytes:
    return blob[:-1]


def cut_at_a_chunk(blob: bytes) -> bytes:
    return blob[: -(len(blob) % (65536 + 16)) or None]


def flip_the_end(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


def flip_the_header(blob: bytes) -> bytes:
    place = blob.index(b"---") - 10
    return blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]


def append(blob: bytes) -> bytes:
    return blob + b"\0"


def empty(_: bytes) -> bytes:
    return b""


ALTERATIONS = [cut, cut_at_a_chunk, flip_the_end, flip_the_header, append, empty]


@pytest.mark.parametrize("alter", ALTERATIONS)
def test_an_altered_file_does_not_fit_its_receipt(pinned: Room, alter: Callable[[bytes], bytes]) -> None:
    sealed = pinned.station.seal(pinned.downloads, os.urandom(300_000))
    sealed.write_bytes(alter(sealed.read_bytes()))

    refused(pinned, pinned.open(sealed), "receipt does not fit")


@pytest.mark.parametrize("alter", ALTERATIONS)
def test_an_altered_file_leaves_nothing_even_when_nobody_asks_for_a_receipt(
    room: Room, alter: Callable[[bytes], bytes]
) -> None:
    sealed = room.downloads / "item.age"
    sealed.write_bytes(alter(seal_item(room.station.recipient, os.urandom(300_000)).blob))

    refused(room, room.open("--unverified", sealed), "cut or altered, or sealed to another key")


def test_a_file_sealed_to_somebody_else_is_not_opened(pinned: Room) -> None:
    sealed = seal_item(HybridIdentity.generate().recipient, b"x")
    (pinned.downloads / "item.age").write_bytes(sealed.blob)
    (pinned.downloads / "item.age.receipt").write_bytes(pinned.station.receipt(sealed.item))

    refused(pinned, pinned.open(pinned.downloads / "item.age"), "sealed to another key")


def test_a_file_without_a_receipt_needs_a_word(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"content")
    (pinned.downloads / "item.age.receipt.json").unlink()

    refused(pinned, pinned.open(sealed), "no receipt: not verified")

    run = pinned.open("--unverified", sealed)
    assert run.returncode == 0
    assert "NOT VERIFIED" in run.stdout
    assert pinned.opened == ["report.pdf"]
    assert not (pinned.station.directory / "sources").exists()


def test_a_receipt_of_a_strange_worker_does_not_count(pinned: Room) -> None:
    sealed = seal_item(pinned.station.recipient, b"x")
    (pinned.downloads / "item.age").write_bytes(sealed.blob)
    (pinned.downloads / "item.age.receipt").write_bytes(pinned.station.receipt(sealed.item, worker=STRANGER))

    refused(pinned, pinned.open(pinned.downloads / "item.age"), "not signed by a worker this station trusts")


def test_a_receipt_of_another_item_does_not_count(pinned: Room) -> None:
    other = seal_item(pinned.station.recipient, b"other")
    sealed = pinned.station.seal(pinned.downloads, b"x")
    (pinned.downloads / "item.age.receipt.json").write_bytes(pinned.station.receipt(other.item))

    refused(pinned, pinned.open(sealed), "receipt does not fit")


@pytest.mark.parametrize("blob", [b"", b"{}", b"\xff" * 100, b"[" * 100_000])
def test_a_receipt_that_is_garbage_does_not_count(pinned: Room, blob: bytes) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"x")
    (pinned.downloads / "item.age.receipt.json").write_bytes(blob)

    refused(pinned, pinned.open(sealed), "receipt does not fit")


@pytest.mark.parametrize(
    "lie",
    [{"item_id": SOURCE_ID}, {"kind": "message"}, {"size_class": 65536 * 2}],
    ids=["another item", "another kind", "another size"],
)
def test_a_receipt_that_lies_about_the_inside_is_found_out(pinned: Room, lie: dict[str, object]) -> None:

    sealed = seal_item(pinned.station.recipient, b"x")
    (pinned.downloads / "item.age").write_bytes(sealed.blob)
    line = replace(sealed.item, **lie)  # type: ignore[arg-type] # fields of the parametrised lies
    (pinned.downloads / "item.age.receipt").write_bytes(pinned.station.receipt(line))

    refused(pinned, pinned.open(pinned.downloads / "item.age"), "not what its receipt says")


def test_a_sealed_file_that_is_no_item_is_refused(room: Room) -> None:

    (room.downloads / "item.age").write_bytes(seal_bytes(b"not a zip" * 10_000, [room.station.recipient]))

    refused(room, room.open("--unverified", room.downloads / "item.age"), "not a Sealdrop item")


def test_a_header_without_a_payload_is_refused(room: Room) -> None:
    (room.downloads / "item.age").write_bytes(seal_header(FileKey.random(), [room.station.recipient]))

    refused(room, room.open("--unverified", room.downloads / "item.age"), "cut or altered")


def test_without_a_pinned_worker_the_command_says_what_is_missing(room: Room) -> None:
    refused(room, room.open(room.station.seal(room.downloads, b"x")), "--worker-key")


def test_a_wrong_passphrase_is_one_line(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"x")
    (pinned.station.directory.parent / "passphrase").write_text("another passphrase\n")

    refused(pinned, pinned.open(sealed), "passphrase is wrong")


def test_nobody_at_the_keyboard_is_one_line(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"x")
    command = [word for word in pinned.command(sealed) if "passphrase" not in word]

    ended = run(command)

    assert ended.returncode == 1
    assert "--passphrase-file" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_out_that_cannot_be_made_is_one_line(pinned: Room) -> None:
    pinned.out.write_text("a file")
    run = pinned.open(pinned.station.seal(pinned.downloads, b"x"))

    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
