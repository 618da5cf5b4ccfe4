"""A worker's epoch key: what source-api seals an upload's secret to, for a few minutes.

The private half lives in memory only and is dropped with the object; frames recorded in the broker are useless then.
"""

import os
from typing import Self

from sealing import hybrid
from sealing.errors import BadRecipient
from sealing.secrets import Hidden

EPOCH_PUBLIC_BYTES = hybrid.PUBLIC_BYTES


class EpochKey(Hidden):
    """Hybrid HPKE private key. Never stored, never sent."""

    __slots__ = ("_seed", "public")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.public = hybrid.public_of(seed)

    @classmethod
    def generate(cls) -> Self:
        """A fresh key from the operating system."""
        return cls(os.urandom(hybrid.SEED_BYTES))

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """What was sealed to this key under the same `info`. Errors: CannotOpen."""
        return hybrid.open_with(self._seed, info, sealed)


def seal_to_epoch(public: bytes, info: bytes, plaintext: bytes) -> bytes:
    """Seal to a worker's public epoch key.

    Shape: public 1216 bytes; the answer is 1136 bytes longer than the plaintext. `info` binds upload, worker and epoch.
    Errors: BadRecipient when `public` is not a key.
    """
    try:
        return hybrid.seal_to(public, info, plaintext)
    except ValueError as error:
        raise BadRecipient("not an epoch key") from error
