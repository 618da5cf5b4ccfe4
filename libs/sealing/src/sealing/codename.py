"""A source's codename: drawn, read back, and turned into the source's keys.

Theory: the words carry at least 100 random bits; that, not Argon2, makes guessing hopeless. Argon2id comes before the
lookup, so its salt is one per deployment. The pepper, kept outside the database, keys both halves: who holds only the
database can test no guess, neither against a lookup id nor against a reply recipient.
Source: RFC 9106 (second recommended option), docs/protocol.md.
"""

import math
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import nacl.bindings
import nacl.pwhash

from sealing.errors import BadCodename
from sealing.identities import HybridIdentity
from sealing.secrets import Hidden

CODENAME_BITS = 100
SALT_BYTES = 16
PEPPER_BYTES = 32
#: Longer text is no codename; it is refused before it costs Argon2 time.
MOST_CODENAME_LETTERS = 512
_ARGON2_PASSES = 3
_ARGON2_BYTES = 64 * 1024 * 1024
_MASTER_BYTES = 64


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SourceKeys(Hidden):
    """Everything a codename gives: the id the source is looked up by (32 bytes), and its own identity for replies."""

    lookup_id: bytes
    identity: HybridIdentity = field()


def words_needed(list_length: int) -> int:
    """How many words of such a list give at least 100 bits: 8 of 7776. Errors: BadCodename below 1024 words."""
    if list_length < 1024:
        raise BadCodename("a word list has at least 1024 words")
    return math.ceil(CODENAME_BITS / math.log2(list_length))


def generate(words: Sequence[str], count: int) -> str:
    """A fresh codename: `count` words drawn independently, set apart by spaces. Errors: BadCodename for too few."""
    if len(set(words)) != len(words) or count < words_needed(len(words)):
        raise BadCodename("too few words, or a list that repeats itself")
    return " ".join(secrets.choice(words) for _ in range(count))


def normalise(text: str) -> str:
    """One spelling: NFKC, case folded, hyphens and white space collapsed to single spaces. Errors: BadCodename."""
    if len(text) > MOST_CODENAME_LETTERS:
        raise BadCodename("too long to be a codename")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    # Pd holds every dash a phone's keyboard may make of a hyphen.
    spaced = "".join(" " if unicodedata.category(letter) == "Pd" else letter for letter in folded)
    return " ".join(spaced.split())


def unknown_word(text: str, words: Sequence[str]) -> int | None:
    """The number, counted from 1, of the first word that is not in the list; None when all are."""
    known = _known(tuple(words))
    return next((number for number, word in enumerate(normalise(text).split(), 1) if word not in known), None)


def kdf_salt(deployment_id: str) -> bytes:
    """The deployment's Argon2 salt, 16 bytes. It may be known to all."""
    label = b"sealdrop/source-kdf/v1" + deployment_id.encode()
    return nacl.bindings.crypto_generichash_blake2b_salt_personal(label, digest_size=SALT_BYTES)


def derive(codename: str, salt: bytes, pepper: bytes) -> SourceKeys:
    """The source's keys. Takes 64 MiB and about a quarter of a second; the GIL is released meanwhile.

    Shape: salt 16 bytes, pepper 32 bytes. Errors: BadCodename for empty or endless text, ValueError for lengths.
    """
    if len(salt) != SALT_BYTES or len(pepper) != PEPPER_BYTES:
        raise ValueError("a salt is 16 bytes, a pepper 32")
    words = normalise(codename)
    if not words:
        raise BadCodename("no words")
    master = nacl.pwhash.argon2id.kdf(_MASTER_BYTES, words.encode(), salt, _ARGON2_PASSES, _ARGON2_BYTES)
    return SourceKeys(
        lookup_id=_keyed(pepper, master[:32], b"sealdrop/lookup"),
        identity=HybridIdentity.from_seed(_keyed(pepper, master[32:], b"sealdrop/reply")),
    )


def _keyed(pepper: bytes, half: bytes, purpose: bytes) -> bytes:
    return nacl.bindings.crypto_generichash_blake2b_salt_personal(half, digest_size=32, key=pepper, person=purpose)


@lru_cache(maxsize=8)
def _known(words: tuple[str, ...]) -> frozenset[str]:
    """The list as it reads after `normalise`: a hyphenated word counts as its parts."""
    return frozenset(part for word in words for part in normalise(word).split())
