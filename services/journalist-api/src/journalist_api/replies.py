"""A reply as it comes from the journalist's browser: already sealed. What can be known of it without a key. Pure.

Theory: the worker decides (stanza kinds and count, size class, keyset); the same plain rules are checked here first,
so that a client's mistake is told at once and the worker is not troubled. docs/protocol.md, "Replies".
"""

import hashlib
from typing import Final
from uuid import UUID

from contract.limits import MAX_REPLY_BYTES
from contract.messages import FinishedItem, ItemKind
from sealing.errors import SealingError
from sealing.header import Header, read_header
from sealing.padding import is_size_class

HYBRID_KIND: Final = "mlkem768x25519"
_NONCE_BYTES: Final = 16  #: age v1 payload: nonce, then chunks of 64 KiB with a tag of 16 bytes each
_CHUNK_BYTES: Final = 64 * 1024
_TAG_BYTES: Final = 16


class NotASealedReply(Exception):
    """Not one age file of a reply's size class, sealed to hybrid recipients only."""


def describe(item_id: UUID, age_file: bytes) -> FinishedItem:
    """What the FINISH frame says of `age_file`. Errors: NotASealedReply."""
    header = _header(age_file)
    if len(age_file) > MAX_REPLY_BYTES or len(header.kinds) < 2 or set(header.kinds) != {HYBRID_KIND}:
        raise NotASealedReply
    size_class = opened_length(len(age_file) - header.length)
    if size_class is None or not is_size_class(ItemKind.REPLY.value, size_class):
        raise NotASealedReply
    return FinishedItem(
        item_id=item_id,
        kind=ItemKind.REPLY,
        payload_bytes=len(age_file),
        payload_sha256=hashlib.sha256(age_file).hexdigest(),
        size_class=size_class,
    )


def opened_length(payload_bytes: int) -> int | None:
    """Length of the plaintext in an age payload of so many bytes (nonce included), or None if there is none such."""
    sealed = payload_bytes - _NONCE_BYTES
    whole, rest = divmod(sealed, _CHUNK_BYTES + _TAG_BYTES)
    if sealed < _TAG_BYTES or 0 < rest <= _TAG_BYTES < sealed:
        return None
    return whole * _CHUNK_BYTES + max(0, rest - _TAG_BYTES)


def _header(age_file: bytes) -> Header:
    try:
        header = read_header(age_file)
    except SealingError as error:
        raise NotASealedReply from error
    if header is None:
        raise NotASealedReply
    return header
