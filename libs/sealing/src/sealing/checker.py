"""Verifies a payload without decrypting it: crypto-worker knows that what it stores opens, and never holds plaintext.

Source: RFC 8439 2.6 (the one-time Poly1305 key is ChaCha20 block 0) and 2.8 (what the tag covers).
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from cryptography.hazmat.primitives.poly1305 import Poly1305

from sealing.chunks import TAG_BYTES, Buffer, ChunkReader, sealed_payload_length

__all__ = ["PayloadChecker", "sealed_payload_length"]


class PayloadChecker(ChunkReader):
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
