"""Whole files: constant memory, every byte flipped, nothing opened after an error."""

import io
import tracemalloc

import pytest
from sealing.age import Opener, open_, open_bytes, seal, seal_bytes
from sealing.armor import armor
from sealing.errors import BadRecipient, CannotOpen, HeaderFailure
from sealing.identities import HybridIdentity, X25519Identity

HYBRID = HybridIdentity.from_seed(b"h" * 32)
CLASSIC = X25519Identity(b"c" * 32)
MIB = 1024 * 1024


class Zeros:
    """A file of zeros."""

    def __init__(self, length: int) -> None:
        self.left = length

    def read(self, size: int, /) -> bytes:
        taken = min(size, self.left)
        self.left -= taken
        return bytes(taken)


class Opening:
    """A file to write to that opens what it gets and keeps only a count."""

    def __init__(self) -> None:
        self.opener = Opener([HYBRID])
        self.plaintext_bytes = 0

    def write(self, piece: bytes, /) -> None:
        self.plaintext_bytes += len(self.opener.update(piece))


def test_streams_read_back_armored_or_not() -> None:
    sealed, opened = io.BytesIO(), io.BytesIO()
    plaintext = bytes(range(256)) * 1000

    seal(io.BytesIO(plaintext), sealed, [HYBRID.recipient])
    open_(io.BytesIO(sealed.getvalue()), opened, [CLASSIC, HYBRID])

    assert opened.getvalue() == plaintext
    assert open_bytes(armor(sealed.getvalue()), [HYBRID]) == plaintext


@pytest.mark.parametrize("identity", [HYBRID, CLASSIC], ids=["hybrid", "x25519"])
def test_every_flipped_byte_of_a_small_file_is_noticed(identity: HybridIdentity | X25519Identity) -> None:
    sealed = seal_bytes(b"a small file", [identity.recipient])
    assert open_bytes(sealed, [identity]) == b"a small file"

    for place in range(len(sealed)):
        for bit in (0x01, 0x80):
            altered = bytearray(sealed)
            altered[place] ^= bit
            with pytest.raises(CannotOpen):
                open_bytes(bytes(altered), [identity])


def test_every_cut_of_a_small_file_is_noticed() -> None:
    sealed = seal_bytes(b"a small file", [CLASSIC.recipient])

    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            open_bytes(sealed[:length], [CLASSIC])


def test_identity_of_somebody_else_opens_nothing() -> None:
    with pytest.raises(CannotOpen):
        open_bytes(seal_bytes(b"x", [HYBRID.recipient]), [HybridIdentity.generate(), CLASSIC])


def test_file_is_not_begun_for_mixed_recipients() -> None:
    sealed = io.BytesIO()

    with pytest.raises(BadRecipient):
        seal(io.BytesIO(b"x"), sealed, [HYBRID.recipient, CLASSIC.recipient])

    assert sealed.getvalue() == b""


def test_opener_stays_broken_after_an_error_and_after_the_end() -> None:
    opener = Opener([CLASSIC])
    with pytest.raises(HeaderFailure):
        opener.update(b"not an age file")
    with pytest.raises(CannotOpen):
        opener.final()

    opener = Opener([CLASSIC])
    opener.update(seal_bytes(b"x", [CLASSIC.recipient]))
    assert opener.final() == b"x"
    with pytest.raises(CannotOpen):
        opener.update(b"")


def test_sealing_and_opening_64_mib_takes_constant_memory() -> None:
    sink = Opening()

    tracemalloc.start()
    seal(Zeros(64 * MIB), sink, [HYBRID.recipient])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sink.plaintext_bytes + len(sink.opener.final()) == 64 * MIB
    assert peak < 3 * MIB
