"""All public C2SP/CCTV age vectors: error class, and every byte of plaintext released before the error.

The vectors come from the npm package `cctv-age` (`npm ci` in this directory); none is kept here.
"""

import base64
import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sealing.age import Opener
from sealing.errors import ArmorFailure, CannotOpen, HeaderFailure, HmacFailure, NoMatch, PayloadFailure
from sealing.identities import Identity, parse_identity
from sealing.passphrase import ScryptIdentity

PACKAGE = Path(__file__).parent / "node_modules" / "cctv-age" / "index.js"
VECTOR_COUNT = 143
KNOWN_KEYS = {"expect", "payload", "identity", "passphrase", "armored", "file key", "comment", "compressed"}
ERRORS: dict[str, type[CannotOpen] | None] = {
    "success": None,
    "no match": NoMatch,
    "header failure": HeaderFailure,
    "HMAC failure": HmacFailure,
    "payload failure": PayloadFailure,
    "armor failure": ArmorFailure,
}


@dataclass(frozen=True)
class Vector:
    """One vector file: its textual head, and the age file it describes."""

    head: tuple[tuple[str, str], ...]
    sealed: bytes

    def values(self, key: str) -> list[str]:
        return [value for name, value in self.head if name == key]

    def value(self, key: str) -> str | None:
        return next(iter(self.values(key)), None)

    def identities(self) -> list[Identity]:
        keys: list[Identity] = [parse_identity(text) for text in self.values("identity")]
        return keys + [ScryptIdentity(text) for text in self.values("passphrase")]


def read_vector(raw: bytes) -> Vector:
    head, _, sealed = raw.partition(b"\n\n")
    pairs = [line.partition(": ") for line in head.decode().split("\n")]
    vector = Vector(tuple((name, value) for name, _, value in pairs), sealed)
    if vector.value("compressed") is None:
        return vector
    return Vector(vector.head, zlib.decompress(sealed))


def vector_names() -> list[str]:
    """Names for the test ids only, so that a missing package fails tests instead of stopping the run."""
    if not PACKAGE.exists():
        return []
    return re.findall(r"^// \.\./testdata/(\S+)$", PACKAGE.read_text(), flags=re.MULTILINE)


@pytest.fixture(scope="module")
def vectors(run_node: Callable[..., bytes]) -> dict[str, Vector]:
    exported = json.loads(run_node("export-vectors.mjs"))
    return {name: read_vector(base64.b64decode(text)) for name, text in exported.items()}


def open_in_pieces(vector: Vector, piece_bytes: int) -> tuple[bytes, type[CannotOpen] | None]:
    """Everything released, and the class of the error if there was one."""
    opener = Opener(vector.identities(), armored=vector.value("armored") == "yes")
    released = b""
    try:
        for start in range(0, len(vector.sealed), piece_bytes):
            released += opener.update(vector.sealed[start : start + piece_bytes])
        return released + opener.final(), None
    except CannotOpen as error:
        return released, type(error)


def test_the_package_holds_all_143_vectors(vectors: dict[str, Vector]) -> None:
    assert len(vectors) == VECTOR_COUNT
    assert sorted(vectors) == sorted(vector_names())
    assert {key for vector in vectors.values() for key, _ in vector.head} <= KNOWN_KEYS
    assert {vector.value("expect") for vector in vectors.values()} == set(ERRORS)


@pytest.mark.parametrize("piece_bytes", [1 << 24, 777], ids=["whole", "pieces"])
@pytest.mark.parametrize("name", vector_names())
def test_vector_gives_the_expected_error_and_plaintext(vectors: dict[str, Vector], name: str, piece_bytes: int) -> None:
    vector = vectors[name]

    released, error = open_in_pieces(vector, piece_bytes)

    assert error is ERRORS[vector.value("expect") or ""]
    expected = vector.value("payload")
    if expected is None:
        assert released == b""
    else:
        assert sha256(released).hexdigest() == expected
