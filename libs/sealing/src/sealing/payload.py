"""The age v1 payload: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB. Push style, constant memory.

Theory: a chunk's nonce is an 11-byte counter and a flag that is 1 only for the last chunk. A cut, moved, repeated or
added chunk therefore meets the wrong nonce. Only verified plaintext leaves `PayloadOpener`. `PayloadChecker` verifies
the same tags without decrypting, so that crypto-worker knows that what it stores opens, and never holds plaintext.
Source: C2SP age.md, "Payload"; RFC 8439 2.6 (the one-time Poly1305 key is ChaCha20 block 0).
"""

import os
from abc import ABC, abstractmethod

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.poly1305 import Poly1305

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


class PayloadSealer:
    """Plaintext in, payload out. Call `start`, then `update` as often as needed, then `final` once.

    A nonce is never used twice with one file key.
    """

    __slots__ = ("_aead", "_counter", "_held", "_held_bytes", "_nonce")

    def __init__(self, file_key: FileKey, nonce: bytes | None = None) -> None:
        self._nonce = os.urandom(NONCE_BYTES) if nonce is None else nonce
        if len(self._nonce) != NONCE_BYTES:
            raise ValueError("a payload nonce is 16 bytes")
        self._aead = ChaCha20Poly1305(_payload_key(file_key, self._nonce))
        self._counter = 0
        self._held = bytearray(CHUNK_BYTES)
        self._held_bytes = 0

    def start(self) -> bytes:
        """The 16 bytes a payload begins with."""
        return self._nonce

    def update(self, plaintext: Buffer) -> bytes:
        """Sealed chunks, as far as they are full and known not to be the last."""
        view = memoryview(plaintext)
        # The chunk that may be the last one is held back until more bytes come.
        out = bytearray((self._held_bytes + len(view) - 1) // CHUNK_BYTES * SEALED_CHUNK_BYTES if len(view) else 0)
        for start in range(0, len(out), SEALED_CHUNK_BYTES):
            room = CHUNK_BYTES - self._held_bytes
            if room == CHUNK_BYTES:
                chunk: Buffer = view[:CHUNK_BYTES]
            else:
                self._held[self._held_bytes :] = view[:room]
                chunk = self._held
            self._aead.encrypt_into(
                self._next_nonce(last=False), chunk, None, memoryview(out)[start : start + SEALED_CHUNK_BYTES]
            )
            view, self._held_bytes = view[room:], 0
        self._held[self._held_bytes : self._held_bytes + len(view)] = view
        self._held_bytes += len(view)
        return bytes(out)

    def final(self) -> bytes:
        """The last sealed chunk. Only a payload without plaintext has an empty one."""
        return self._aead.encrypt(self._next_nonce(last=True), memoryview(self._held)[: self._held_bytes], None)

    def _next_nonce(self, *, last: bool) -> bytes:
        nonce = _chunk_nonce(self._counter, last=last)
        self._counter += 1
        return nonce


class _ChunkReader(ABC):
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
        opened = None if is_empty else self._open_chunk(memoryview(self._held), _chunk_nonce(self._counter, last=True))
        if opened is None:
            self._failed = True
            raise PayloadFailure("the payload is cut or altered")
        self._finished = True
        self._held = bytearray()
        return opened

    def _take_nonce(self) -> bool:
        if len(self._held) < NONCE_BYTES:
            return False
        self._set_key(_payload_key(self._file_key, bytes(self._held[:NONCE_BYTES])))
        del self._held[:NONCE_BYTES]
        self._started = True
        return True

    def _take_full_chunk(self, chunk: memoryview, out: list[bytes]) -> None:
        opened = None
        if not self._finished:
            opened = self._open_chunk(chunk, _chunk_nonce(self._counter, last=False))
        if opened is None and not self._finished:
            opened = self._open_chunk(chunk, _chunk_nonce(self._counter, last=True))
            self._finished = opened is not None
        if opened is None:
            self._failed = True
        else:
            self._counter += 1
            out.append(opened)


class PayloadOpener(_ChunkReader):
    """Payload in, plaintext out; a chunk's plaintext is released only after its tag verified."""

    __slots__ = ("_aead",)

    def _set_key(self, key: bytes) -> None:
        self._aead = ChaCha20Poly1305(key)

    def _open_chunk(self, chunk: memoryview, nonce: bytes) -> bytes | None:
        try:
            return self._aead.decrypt(nonce, chunk, None)
        except InvalidTag:
            return None

    def update(self, payload: Buffer) -> bytes:
        """Verified plaintext. Errors: PayloadFailure, now or (after plaintext of good chunks) at the next call."""
        return b"".join(self._push(payload))

    def final(self) -> bytes:
        """The rest of the plaintext. Errors: PayloadFailure unless the payload is whole and ends here."""
        return self._close()


class PayloadChecker(_ChunkReader):
    """Accepts exactly what `PayloadOpener` accepts, without decrypting a byte."""

    __slots__ = ("_key",)

    def _set_key(self, key: bytes) -> None:
        self._key = key

    def _open_chunk(self, chunk: memoryview, nonce: bytes) -> bytes | None:
        if len(chunk) < TAG_BYTES:
            return None
        sealed, tag = chunk[:-TAG_BYTES], chunk[-TAG_BYTES:]
        one_time = Cipher(ChaCha20(self._key, bytes(4) + nonce), mode=None).encryptor().update(bytes(32))
        mac = Poly1305(one_time)
        mac.update(sealed)
        mac.update(bytes(-len(sealed) % 16) + bytes(8) + len(sealed).to_bytes(8, "little"))
        try:
            mac.verify(bytes(tag))
        except InvalidSignature:
            return None
        return b""

    def update(self, payload: Buffer) -> None:
        """Errors: PayloadFailure, now or at the next call."""
        self._push(payload)

    def final(self) -> None:
        """Errors: PayloadFailure unless the payload is whole and ends here."""
        self._close()


def _payload_key(file_key: FileKey, nonce: bytes) -> bytes:
    return derive_key(file_key.raw, salt=nonce, info=b"payload")


def _chunk_nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\1" if last else b"\0")
