"""A reply on its way into the vault: one whole age file, sealed in a journalist's browser (docs/protocol.md,
"Replies"). The worker has no key to it: it checks shape and length, and takes header and payload apart.
"""

import hashlib

from contract.limits import MAX_REPLY_BYTES
from contract.messages import FinishedItem, ItemStart
from sealing.errors import HeaderFailure
from sealing.header import Header, read_header
from sealing.keyset import Keyset

from crypto_worker.chunks import Chunk, Cutter
from crypto_worker.errors import Broken
from crypto_worker.items import StoredItem, check_claim, check_length


def check_stanzas(header: Header, keyset: Keyset) -> None:
    """Sealed to somebody (the source) and to as many as the keyset has, all of the keyset's kind. Errors: Broken.

    A stanza carries no key id: that these are the right recipients is for the journalist's browser to ensure, and shows
    when the source or the SVS opens the reply.
    """
    expected = len(keyset.recipients) + 1
    if header.kinds != (keyset.recipients[0].kind,) * expected:
        raise Broken("a reply is sealed to the source and the keyset, by one kind of stanza")


class ReplyItem:
    """A reply being received."""

    def __init__(self, start: ItemStart, keyset: Keyset) -> None:
        self.start = start
        self._keyset = keyset
        self._file_hash = hashlib.sha256()
        self._file_bytes = 0
        self._head = bytearray()
        self._look_at = 0  #: length of `_head` at which to look for a whole header again
        self._header: bytes | None = None
        self._cutter = Cutter(start.item_id)

    def take(self, sealed: bytes) -> list[Chunk]:
        self._file_hash.update(sealed)
        self._file_bytes += len(sealed)
        if self._file_bytes > MAX_REPLY_BYTES:
            raise Broken("a reply that is too long")
        if self._header is not None:
            return self._cutter.push(sealed)
        self._head += sealed
        if len(self._head) < self._look_at:
            return []
        # Twice as far each time: looked for at each of many tiny frames, it took 20 s of all uploads' time.
        self._look_at = 2 * len(self._head)
        return self._take_head()

    def end(self) -> list[Chunk]:
        chunks = self._take_head() if self._header is None else []
        if self._header is None:
            raise Broken("a reply without a whole header")
        return [*chunks, *self._cutter.finish()]

    def confirm(self, claim: FinishedItem) -> StoredItem:
        """For a reply both hashes are of the whole file: that is what the producer holds and what a receipt names."""
        if self._header is None:
            raise Broken("a reply without a whole header")
        file_sha256 = self._file_hash.hexdigest()
        check_claim(self.start, claim, self._file_bytes, file_sha256)
        check_length(claim, self._cutter.total_bytes)
        return StoredItem(
            item_id=self.start.item_id,
            kind=self.start.kind,
            size_class=claim.size_class,
            payload_bytes=self._cutter.total_bytes,
            chunk_count=self._cutter.count,
            header=self._header,
            payload_sha256=file_sha256,
            file_sha256=file_sha256,
        )

    def _take_head(self) -> list[Chunk]:
        """Header and payload taken apart, if the header is whole."""
        head = bytes(self._head)
        try:
            header = read_header(head)
        except HeaderFailure as error:
            raise Broken("a reply is an age file") from error
        if header is None:
            return []
        check_stanzas(header, self._keyset)
        self._header, rest = head[: header.length], head[header.length :]
        self._head.clear()
        return self._cutter.push(rest)
