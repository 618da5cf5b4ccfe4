"""Reads the ZIP inside an item, strictly, without ever making a path from a member's name.

Theory: the sealed file may come from a taken source machine, so its ZIP is hostile until shown otherwise. It has
exactly three members, stored: the manifest, the content under a fixed name, a pad of zeros. The directory's size is
checked before `zipfile` reads it, so that memory stays bounded whatever the file claims.
Source: docs/protocol.md; PKWARE APPNOTE 6.3.9, 4.3.14 to 4.3.16.
"""

import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final
from zipfile import ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from sealing.errors import CannotOpen
from sealing.manifest import MANIFEST_NAME, MOST_MANIFEST_BYTES, PAD_NAME, Manifest

from svs.errors import NotOpened

_END: Final = struct.Struct("<4s4H2LH")
_END64_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_MOST_DIRECTORY_BYTES: Final = 4096  #: three members take a few hundred bytes
_BLOCK_BYTES: Final = 256 * 1024
_ZEROS: Final = bytes(_BLOCK_BYTES)
_ZIP_ERRORS: Final = (BadZipFile, LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Item:
    """An item's ZIP, open and checked."""

    manifest: Manifest
    zip_bytes: int
    _archive: ZipFile
    _content: ZipInfo

    def copy_content(self, file: BinaryIO) -> None:
        """Writes the content. Errors: NotOpened when its check sum does not hold."""
        try:
            for block in _blocks(self._archive, self._content):
                file.write(block)
        except _ZIP_ERRORS as error:
            raise NotOpened("the content inside is damaged") from error


@contextmanager
def read_item(file: BinaryIO) -> Iterator[Item]:
    """The item in a seekable file. Errors: NotOpened for anything but the shape above."""
    zip_bytes = file.seek(0, 2)
    with ExitStack() as stack:
        try:
            _check_directory(file, zip_bytes)
            archive = stack.enter_context(ZipFile(file))
            manifest, content = _members(archive)
        except (CannotOpen, *_ZIP_ERRORS) as error:
            raise NotOpened("what is inside is not a Sealdrop item") from error
        yield Item(manifest, zip_bytes, archive, content)


def _check_directory(file: BinaryIO, zip_bytes: int) -> None:
    """Errors: BadZipFile unless the file ends with the directory of three members, bounded, without a comment."""
    file.seek(max(0, zip_bytes - _END.size - _END64_LOCATOR.size - _END64.size))
    tail = file.read()
    end = _END.unpack(tail[-_END.size :])
    if end[0] != b"PK\5\6" or end[3:5] != (3, 3) or end[5] > _MOST_DIRECTORY_BYTES or end[7] != 0:
        raise BadZipFile("not the directory of an item")
    locator = tail[-_END.size - _END64_LOCATOR.size : -_END.size]
    if locator.startswith(b"PK\6\7"):
        end64 = _END64.unpack(tail[: _END64.size])
        if end64[0] != b"PK\6\6" or end64[6:8] != (3, 3) or end64[8] > _MOST_DIRECTORY_BYTES:
            raise BadZipFile("not the directory of an item")


def _members(archive: ZipFile) -> tuple[Manifest, ZipInfo]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) != 3 or names[0] != MANIFEST_NAME or names[2] != PAD_NAME:
        raise BadZipFile("other members")
    if any(member.compress_type != ZIP_STORED or member.file_size != member.compress_size for member in members):
        raise BadZipFile("not stored")
    if members[0].header_offset != 0 or members[0].file_size > MOST_MANIFEST_BYTES:
        raise BadZipFile("no manifest in front")
    manifest = Manifest.from_json(archive.read(members[0]))
    if names[1] != manifest.content_name:
        raise BadZipFile("another kind than the manifest says")
    for block in _blocks(archive, members[2]):
        if block != _ZEROS[: len(block)]:
            raise BadZipFile("something is hidden in the pad")
    return manifest, members[1]


def _blocks(archive: ZipFile, member: ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as content:
        while block := content.read(_BLOCK_BYTES):
            yield block
