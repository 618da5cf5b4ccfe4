"""How an age v1 payload is cut: STREAM in chunks of 64 KiB. Lengths, keys, nonces, and who reads chunk by chunk.

Theory: a chunk's nonce is an 11-byte counter and a flag that is 1 only for the last chunk. A cut, moved, repeated or
added chunk therefore meets the wrong nonce. Nothing here sees plaintext. Source: C2SP age.md, "Payload".
"""

from abc import ABC, abstractmethod

from sealing.errors import PayloadFailure
from sealing.hkdf import derive_key
from sealing.secrets import FileKey

CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
NONCE_BYTES = 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES

Buffer = bytes | bytearray | memoryview


def sealed_payload_length(plaintext_bytes: int) -> int:
    """Bytes of a payload, its nonce included, for so many bytes of plaintext."""
    chunks = max(1, -(-plaintext_bytes // CHUNK_BYTES))
    return NONCE_BYTES + plaintext_bytes + chunks * TAG_BYTES


def payload_key(file_key: FileKey, nonce: bytes) -> bytes:
    return derive_key(file_key.raw, salt=nonce, info=b"payload")


def chunk_nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\1" if last else b"\0")


class ChunkReader(ABC):
    """Cuts a payload into chunks and finds out which is the last; what a chunk gives is up to the subclass."""

    __slots__ = ("_counter", "_failed", "_file_key", "_finished", "_held", "_started")

    def __init__(self, file_key: FileKey) -> None:
        self._file_key = file_key
        self._held = bytearray()
        self._counter = 0
        self._started = False
        self._finished = False
        self._failed = False

    @abstractmethod
    def _set_key(self, key: bytes) -> None: ...

    @abstractmethod
    def _open_chunk(self, chunk: memoryview, nonce: bytes) -> bytes | None:
        """What the chunk gives, or None when its tag does not verify under this nonce."""

    def _push(self, payload: Buffer) -> list[bytes]:
        """What the full chunks so far give. A failure after a good chunk is raised by the next call."""
        if self._failed:
            raise PayloadFailure("a chunk does not verify")
        self._held += payload
        if not self._started and not self._take_nonce():
            return []
        out: list[bytes] = []
        used = 0
        with memoryview(self._held) as view:
            while len(view) - used >= SEALED_CHUNK_BYTES and not self._failed:
                with view[used : used + SEALED_CHUNK_BYTES] as chunk:
                    self._take_full_chunk(chunk, out)
                used += SEALED_CHUNK_BYTES
            if self._finished and used < len(view):
                self._failed = True
        del self._held[:used]
        if self._failed and not out:
            raise PayloadFailure("a chunk does not verify")
        return out

    def _close(self) -> bytes:
        """What a last, short chunk gives. Errors: PayloadFailure unless the payload ends here."""
        if self._failed or not self._started:
            raise PayloadFailure("the payload is cut or altered")
        if self._finished:
            return b""
        # Only the very first chunk may be empty: otherwise one plaintext had two payloads.
        is_empty = len(self._held) == TAG_BYTES and self._counter > 0
        opened = None if is_empty else self._open_chunk(memoryview(self._held), chunk_nonce(self._counter, last=True))
        if opened is None:
            self._failed = True
            raise PayloadFailure("the payload is cut or altered")
        self._finished = True
        self._held = bytearray()
        return opened

    def _take_nonce(self) -> bool:
        if len(self._held) < NONCE_BYTES:
            return False
        self._set_key(payload_key(self._file_key, bytes(self._held[:NONCE_BYTES])))
        del self._held[:NONCE_BYTES]
        self._started = True
        return True

    def _take_full_chunk(self, chunk: memoryview, out: list[bytes]) -> None:
        opened = None
        if not self._finished:
            opened = self._open_chunk(chunk, chunk_nonce(self._counter, last=False))
        if opened is None and not self._finished:
            opened = self._open_chunk(chunk, chunk_nonce(self._counter, last=True))
            self._finished = opened is not None
        if opened is None:
            self._failed = True
        else:
            self._counter += 1
            out.append(opened)
