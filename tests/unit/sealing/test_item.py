"""Items: sealed while they stream by, in constant memory, to an exact size class; small ones read back strictly."""

import gc
import io
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest
from sealing.age import open_bytes
from sealing.errors import CannotOpen
from sealing.header import seal_header
from sealing.identities import HybridIdentity
from sealing.item import MOST_SMALL_ITEM_BYTES, ItemSealer, open_item_bytes
from sealing.manifest import Manifest
from sealing.padding import is_size_class
from sealing.payload import PayloadChecker, PayloadOpener, sealed_payload_length
from sealing.secrets import FileKey

from tests.unit.sealing.zip_tools import check_with_stock_tools

FILE_KEY = FileKey(bytes(range(16)))
ITEM_ID = UUID(int=7)
RECIPIENT = str(HybridIdentity.from_seed(b"s" * 32).recipient)
KIB = 1024


def sealer_of(kind: str, name: str | None = None) -> ItemSealer:
    return ItemSealer(FILE_KEY, kind, ITEM_ID, RECIPIENT, name)


def seal_item(kind: str, content: bytes, piece_bytes: int = 100_000) -> tuple[ItemSealer, bytes]:
    sealer = sealer_of(kind)
    pieces = [content[at : at + piece_bytes] for at in range(0, len(content), piece_bytes)]
    return sealer, b"".join([*(sealer.update(piece) for piece in pieces), *sealer.finish()])


def open_payload(payload: bytes) -> bytes:
    opener = PayloadOpener(FILE_KEY)
    return opener.update(payload) + opener.final()


def zip_of(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["message", "file", "reply"])
@pytest.mark.parametrize("length", [0, 1, 13_000, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 500_000])
def test_item_reads_back_and_its_numbers_are_exact(kind: str, length: int) -> None:
    content = random.Random(length).randbytes(length)

    sealer, payload = seal_item(kind, content)
    zip_bytes = open_payload(payload)

    assert sealer.size_class == len(zip_bytes)
    assert is_size_class(kind, sealer.size_class)
    assert sealer.payload_bytes == len(payload) == sealed_payload_length(sealer.size_class)
    assert sealer.payload_sha256 == sha256(payload).hexdigest()
    manifest = Manifest(item_id=ITEM_ID, kind=kind, reply_recipient=RECIPIENT, name=None)
    assert open_item_bytes(zip_bytes) == (manifest, content)


def test_short_messages_are_16_kib_and_all_look_alike() -> None:
    lengths = {len(seal_item("message", bytes(length))[1]) for length in (0, 1, 1000, 13_000)}
    assert lengths == {sealed_payload_length(16 * KIB)}


def test_payload_is_accepted_by_the_checker_and_opens_behind_a_header() -> None:
    identity = HybridIdentity.generate()
    _, payload = seal_item("file", b"leak")
    checker = PayloadChecker(FILE_KEY)

    checker.update(payload)
    checker.final()

    zip_bytes = open_bytes(seal_header(FILE_KEY, [identity.recipient]) + payload, [identity])
    assert open_item_bytes(zip_bytes)[1] == b"leak"


@pytest.mark.parametrize("length", [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1])
def test_stock_tools_accept_an_items_zip(tmp_path: Path, length: int) -> None:
    path = tmp_path / "item.zip"
    path.write_bytes(open_payload(seal_item("file", bytes(length))[1]))
    check_with_stock_tools(path)


def test_content_and_name_are_nowhere_in_the_payload() -> None:
    sealer = sealer_of("file", name="very-secret-name.pdf")

    payload = sealer.update(b"very-secret-content" * 10_000) + sealer.final()

    assert b"very-secret" not in payload
    manifest, content = open_item_bytes(open_payload(payload))
    assert (manifest.name, content) == ("very-secret-name.pdf", b"very-secret-content" * 10_000)


def test_sealing_takes_constant_memory_whatever_the_length() -> None:
    peaks = []
    for pieces in (64, 512):
        piece = bytes(256 * KIB)
        sealer = sealer_of("file")
        tracemalloc.start()
        for _ in range(pieces):
            sealer.update(piece)
        for _ in sealer.finish():
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert max(peaks) < 1024 * KIB


def test_upload_that_breaks_off_leaves_no_warning_behind() -> None:
    sealer = sealer_of("file")
    sealer.update(b"half a file")
    del sealer
    gc.collect()


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="message, a file or a reply"):
        sealer_of("picture")


MANIFEST = Manifest(item_id=ITEM_ID, kind="reply", reply_recipient=RECIPIENT, name=None).to_json()
GOOD = [("manifest.json", MANIFEST), ("content/message.txt", b"hello"), (".pad", bytes(50))]


def test_small_item_of_another_writer_is_read() -> None:
    assert open_item_bytes(zip_of(*GOOD))[1] == b"hello"


@pytest.mark.parametrize(
    "zip_bytes",
    [
        lambda: b"",
        lambda: b"PK\5\6" + bytes(18),
        lambda: zip_of(*GOOD)[:-10],
        lambda: zip_of(*GOOD[:2]),
        lambda: zip_of(*GOOD, ("more", b"")),
        lambda: zip_of(GOOD[1], GOOD[0], GOOD[2]),
        lambda: zip_of(GOOD[0], ("content/file.bin", b""), GOOD[2]),
        lambda: zip_of(GOOD[0], ("../evil", b""), GOOD[2]),
        lambda: zip_of(("manifest.json", b"{}"), *GOOD[1:]),
        lambda: zip_of(*GOOD[:2], (".pad", b"\0hidden")),
        lambda: zip_of(*GOOD, compression=zipfile.ZIP_DEFLATED),
        lambda: zip_of(*GOOD[:2], (".pad", bytes(MOST_SMALL_ITEM_BYTES))),
        lambda: zip_of(*GOOD).replace(b"hello", b"hallo"),
    ],
)
def test_what_is_not_exactly_a_small_item_is_refused(zip_bytes: Callable[[], bytes]) -> None:
    with pytest.raises(CannotOpen):
        open_item_bytes(zip_bytes())


def test_every_flipped_byte_of_a_small_item_is_refused_or_read_as_it_was() -> None:
    """A ZIP has bytes nobody reads; the age layer protects them. Nothing here may fail in another way."""
    whole = zip_of(*GOOD)
    expected = open_item_bytes(whole)

    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 0x55
        try:
            assert open_item_bytes(bytes(altered)) == expected
        except CannotOpen:
            continue
