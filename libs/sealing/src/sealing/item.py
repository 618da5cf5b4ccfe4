"""An item: one message, file or reply as a padded ZIP inside an age payload, sealed while it streams by.

Theory: plaintext passes through once, at most a few chunks at a time. The age header is not made here: source-api
cannot say to whom an item is sealed, and crypto-worker, which can, never sees plaintext.
"""

import io
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from uuid import UUID
from zipfile import ZIP_STORED, BadZipFile, LargeZipFile, ZipFile

from sealing.container import PaddedZip
from sealing.errors import CannotOpen
from sealing.manifest import MANIFEST_NAME, PAD_NAME, Manifest
from sealing.padding import size_class
from sealing.payload import PayloadSealer
from sealing.secrets import FileKey

#: A reply is text: beyond this it is not one. The whole ZIP, its padding included.
MOST_SMALL_ITEM_BYTES = 1024 * 1024

Buffer = bytes | bytearray | memoryview


class ItemSealer:
    """Content in, sealed payload out. Call `update` as often as needed, then exhaust `finish` or call `final`, once.

    Afterwards `payload_sha256` (hex), `payload_bytes` (with nonce and tags) and `size_class` (ZIP bytes) are set.
    Errors: ValueError for an unknown kind.
    """

    def __init__(self, file_key: FileKey, kind: str, item_id: UUID, reply_recipient: str, name: str | None) -> None:
        manifest = Manifest(item_id=item_id, kind=kind, reply_recipient=reply_recipient, name=name)
        self._kind = kind
        self._payload = PayloadSealer(file_key)
        self._sealed: list[bytes] = [self._payload.start()]
        self._hash = sha256()
        self._zip = PaddedZip(self._seal)
        self._zip.add(MANIFEST_NAME, manifest.to_json())
        self._zip.open(manifest.content_name)
        self.payload_bytes = 0
        self.payload_sha256 = ""
        self.size_class = 0

    def update(self, plaintext: Buffer) -> bytes:
        """Payload bytes to send on; often none, as whole chunks are sealed."""
        self._zip.update(plaintext)
        return self._take()

    def finish(self) -> Iterator[bytes]:
        """The rest of the payload in small pieces: the pad alone may be gigabytes long."""
        for _ in self._zip.finish(partial(size_class, self._kind)):
            yield self._take()
        self._sealed.append(self._payload.final())
        last = self._take()
        self.size_class = self._zip.written
        self.payload_sha256 = self._hash.hexdigest()
        yield last

    def final(self) -> bytes:
        """The rest of the payload at once. Only for items known to be small."""
        return b"".join(self.finish())

    def _seal(self, piece: Buffer) -> None:
        self._sealed.append(self._payload.update(piece))

    def _take(self) -> bytes:
        sealed = b"".join(self._sealed)
        self._sealed.clear()
        self._hash.update(sealed)
        self.payload_bytes += len(sealed)
        return sealed


def open_item_bytes(zip_bytes: bytes) -> tuple[Manifest, bytes]:
    """Manifest and content of a small item that is already open, such as a reply.

    Shape: the whole ZIP, at most 1 MiB; members exactly the manifest, the content, the pad, all stored.
    Errors: CannotOpen for everything else.
    """
    if len(zip_bytes) > MOST_SMALL_ITEM_BYTES:
        raise CannotOpen("too long for a small item")
    try:
        with ZipFile(io.BytesIO(zip_bytes)) as archive:
            return _read_members(archive)
    except (BadZipFile, LargeZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise CannotOpen("not an item") from error


def _read_members(archive: ZipFile) -> tuple[Manifest, bytes]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) != 3 or names[0] != MANIFEST_NAME or names[2] != PAD_NAME:
        raise CannotOpen("not an item: other members")
    if any(member.compress_type != ZIP_STORED or member.file_size > MOST_SMALL_ITEM_BYTES for member in members):
        raise CannotOpen("not an item: compressed")
    manifest = Manifest.from_json(archive.read(members[0]))
    if names[1] != manifest.content_name or any(archive.read(members[2])):
        raise CannotOpen("not an item: other members")
    return manifest, archive.read(members[1])
