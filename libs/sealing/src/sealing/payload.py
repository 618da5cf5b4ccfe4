"""The age v1 payload: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB. Push style, constant memory.

Only verified plaintext leaves `PayloadOpener`. How a payload is cut stands in `sealing.chunks`; `sealing.checker`
verifies one without decrypting. Source: C2SP age.md, "Payload".
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sealing.checker import PayloadChecker
from sealing.chunks import (
    CHUNK_BYTES,
    NONCE_BYTES,
    SEALED_CHUNK_BYTES,
    TAG_BYTES,
    Buffer,
    ChunkReader,
    chunk_nonce,
    payload_key,
    sealed_payload_length,
)
from sealing.secrets import FileKey

__all__ = [
    "CHUNK_BYTES",
    "NONCE_BYTES",
    "SEALED_CHUNK_BYTES",
    "TAG_BYTES",
    "Buffer",
    "PayloadChecker",
    "PayloadOpener",
    "PayloadSealer",
    "sealed_payload_length",
]


class PayloadSealer:
    """Plaintext in, payload out. Call `start`, then `update` as often as needed, then `final` once.

    A nonce is never used twice with one file key.
    """

    __slots__ = ("_aead", "_counter", "_held", "_held_bytes", "_nonce")

    def __init__(self, file_key: FileKey, nonce: bytes | None = None) -> None:
        self._nonce = os.urandom(NONCE_BYTES) if nonce is None else nonce
        if len(self._nonce) != NONCE_BYTES:
            raise ValueError("a payload nonce is 16 bytes")
        self._aead = ChaCha20Poly1305(payload_key(file_key, self._nonce))
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
        nonce = chunk_nonce(self._counter, last=last)
        self._counter += 1
        return nonce


class PayloadOpener(ChunkReader):
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
