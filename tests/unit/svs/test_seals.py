"""Decryption: whole and unchanged, or an error."""

import io
from hashlib import sha256

import pytest
from sealing.age import seal_bytes
from sealing.errors import CannotOpen
from sealing.identities import HybridIdentity
from svs.errors import NotOpened
from svs.seals import decrypt, hash_of, protect, unprotect

IDENTITY = HybridIdentity.from_seed(b"i" * 32)


def test_a_file_of_many_chunks_is_opened() -> None:
    content = bytes(range(256)) * 2000
    sealed, out = seal_bytes(content, [IDENTITY.recipient]), io.BytesIO()

    decrypt(io.BytesIO(sealed), out, IDENTITY, sha256(sealed).hexdigest())

    assert out.getvalue() == content


def test_a_medium_that_gives_other_bytes_the_second_time_is_found_out() -> None:
    """Both files are well sealed; the receipt spoke of the first one only."""
    first, second = (seal_bytes(content, [IDENTITY.recipient]) for content in (b"first", b"second"))
    verified = hash_of(io.BytesIO(first))

    with pytest.raises(NotOpened, match="other bytes"):
        decrypt(io.BytesIO(second), io.BytesIO(), IDENTITY, verified)


def test_every_flipped_byte_is_found() -> None:
    sealed = seal_bytes(b"content", [IDENTITY.recipient])

    for place in range(0, len(sealed), 7):
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        with pytest.raises(NotOpened):
            decrypt(io.BytesIO(flipped), io.BytesIO(), IDENTITY, sha256(flipped).hexdigest())


def test_what_is_protected_opens_with_its_passphrase_only() -> None:
    sealed = protect(b"secret", "a passphrase", log_n=4)

    assert unprotect(sealed, "a passphrase") == b"secret"
    with pytest.raises(CannotOpen):
        unprotect(sealed, "another passphrase")
