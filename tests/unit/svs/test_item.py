"""The ZIP inside an item is read strictly; every other ZIP is refused, in bounded memory."""

import io
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest
from sealing.container import PaddedZip
from sealing.manifest import Manifest
from sealing.padding import size_class
from svs.errors import NotOpened
from svs.item import read_item

MANIFEST = Manifest(uuid4(), "file", "age1", "x.bin").to_json()
MESSAGE = Manifest(uuid4(), "message", "age1", None).to_json()


def padded(content: bytes, manifest: bytes = MANIFEST, name: str = "content/file.bin", kind: str = "file") -> bytes:
    out = io.BytesIO()
    padded_zip = PaddedZip(out.write)
    padded_zip.add("manifest.json", manifest)
    padded_zip.open(name)
    padded_zip.update(content)
    for _ in padded_zip.finish(partial(size_class, kind)):
        pass
    return out.getvalue()


def plain(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return out.getvalue()


def content_of(zip_bytes: bytes) -> bytes:
    out = io.BytesIO()
    with read_item(io.BytesIO(zip_bytes)) as item:
        item.copy_content(out)
    return out.getvalue()


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 1_000_000])
def test_content_comes_out_as_it_went_in(length: int) -> None:
    content = bytes(range(256)) * (length // 256) + bytes(length % 256)

    assert content_of(padded(content)) == content


def test_a_zip_of_another_writer_is_read_too() -> None:
    written = plain(("manifest.json", MESSAGE), ("content/message.txt", b"hello"), (".pad", bytes(100)))

    assert content_of(written) == b"hello"


GOOD = [("manifest.json", MANIFEST), ("content/file.bin", b"x"), (".pad", b"\0")]
HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "not a zip": lambda: b"PK" * 5000,
    "an empty zip": plain,
    "no pad": lambda: plain(*GOOD[:2]),
    "one member more": lambda: plain(*GOOD, ("more", b"")),
    "another order": lambda: plain(GOOD[1], GOOD[0], GOOD[2]),
    "a path that climbs": lambda: plain(GOOD[0], ("../../etc/cron.d/x", b"x"), GOOD[2]),
    "an absolute path": lambda: plain(GOOD[0], ("/etc/passwd", b"x"), GOOD[2]),
    "the source's own name": lambda: plain(GOOD[0], ("content/report.pdf", b"x"), GOOD[2]),
    "a message that says it is a file": lambda: plain(("manifest.json", MESSAGE), *GOOD[1:]),
    "compressed members": lambda: plain(*GOOD, compression=zipfile.ZIP_DEFLATED),
    "something in the pad": lambda: plain(*GOOD[:2], (".pad", b"\0" * 100_000 + b"x")),
    "a manifest that is none": lambda: plain(("manifest.json", b"{}"), *GOOD[1:]),
    "an endless manifest": lambda: plain(("manifest.json", MANIFEST + b" " * 65_536), *GOOD[1:]),
    "a comment": lambda: plain(*GOOD, comment=b"hidden"),
    "something behind": lambda: plain(*GOOD) + b"behind",
    "something in front": lambda: b"in front" + plain(*GOOD),
    "an endless directory": lambda: plain(*((letter * 60_000, b"") for letter in "abc")),
    "a cut end": lambda: padded(b"x" * 1000)[:-1],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_any_other_zip_is_refused(what: str) -> None:
    with pytest.raises(NotOpened):
        content_of(HOSTILE[what]())


def test_an_encrypted_member_is_refused() -> None:
    zip_bytes = bytearray(plain(*GOOD))
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = -1
        while (start := zip_bytes.find(signature, start + 1)) >= 0:
            zip_bytes[start + place] |= 1

    with pytest.raises(NotOpened):
        content_of(bytes(zip_bytes))


def test_damaged_content_is_refused() -> None:
    zip_bytes = padded(b"A" * 1000).replace(b"AAAA", b"BAAA", 1)

    with pytest.raises(NotOpened, match="damaged"):
        content_of(zip_bytes)


class WatchedFile(io.BytesIO):
    """Remembers the largest piece anybody asked for at once."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.largest = max(self.largest, len(piece))
        return piece


END64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 3, 3, 200_000, 0)
LOCATOR = struct.pack("<4sLQL", b"PK\6\7", 0, 200_000, 1)


@pytest.mark.parametrize(
    "zip_bytes",
    [
        bytes(200_000) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, 200_000, 0, 0),
        bytes(200_000) + END64 + LOCATOR + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 3, 3, 100, 0xFFFFFFFF, 0),
    ],
    ids=["plain", "zip64"],
)
def test_a_directory_that_claims_to_be_large_is_refused_before_it_is_read(zip_bytes: bytes) -> None:
    file = WatchedFile(zip_bytes)

    with pytest.raises(NotOpened), read_item(file):
        pass

    assert file.largest < 4096


def test_every_flipped_byte_of_a_small_item_is_refused_or_changes_nothing() -> None:
    """ZIP has fields without meaning (times, attributes); whatever is accepted, the content is the same."""
    whole = plain(("manifest.json", MESSAGE), ("content/message.txt", b"hello"), (".pad", bytes(3)))
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= 0x01
        try:
            assert content_of(bytes(flipped)) == b"hello"
        except NotOpened:
            continue
