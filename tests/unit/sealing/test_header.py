"""Headers: made from recipients of one kind, read strictly and in pieces, authenticated by the file key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.errors import BadRecipient, CannotOpen, HeaderFailure, HmacFailure, NoMatch
from sealing.header import MOST_HEADER_BYTES, check_header, open_header, read_header, seal_header
from sealing.identities import HybridIdentity, X25519Identity
from sealing.passphrase import ScryptRecipient
from sealing.recipients import HybridRecipient
from sealing.secrets import FileKey
from sealing.stanza import Stanza

FILE_KEY = FileKey(bytes(range(16)))
HYBRID = HybridIdentity.from_seed(b"h" * 32)
CLASSIC = X25519Identity(b"c" * 32)


def test_header_with_sixteen_hybrid_recipients_opens_for_each() -> None:
    identities = [HybridIdentity.generate() for _ in range(16)]

    raw = seal_header(FILE_KEY, [identity.recipient for identity in identities])
    header = read_header(raw + b"payload")

    assert header is not None
    assert (header.length, header.kinds) == (len(raw), ("mlkem768x25519",) * 16)
    for identity in identities:
        assert open_header(header, [CLASSIC, identity]).raw == FILE_KEY.raw
    with pytest.raises(NoMatch):
        open_header(header, [HYBRID, CLASSIC])


def test_header_sizes_are_those_of_age() -> None:
    assert len(seal_header(FILE_KEY, [HYBRID.recipient])) == 1627
    assert len(seal_header(FILE_KEY, [CLASSIC.recipient])) < 256


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [HYBRID.recipient, CLASSIC.recipient],
        [ScryptRecipient("x", 1), ScryptRecipient("y", 1)],
        [HYBRID.recipient, ScryptRecipient("x", 1)],
    ],
    ids=["nobody", "hybrid and classic", "two passphrases", "key and passphrase"],
)
def test_recipients_that_must_not_share_a_file_are_refused(recipients: list[HybridRecipient]) -> None:
    with pytest.raises(BadRecipient):
        seal_header(FILE_KEY, recipients)


def test_header_is_read_only_when_it_is_whole() -> None:
    raw = seal_header(FILE_KEY, [CLASSIC.recipient, CLASSIC.recipient])

    for length in range(len(raw)):
        assert read_header(raw[:length]) is None
    assert read_header(raw) is not None


def test_every_flipped_bit_of_a_header_is_noticed() -> None:
    raw = seal_header(FILE_KEY, [CLASSIC.recipient])

    for place in range(len(raw) * 8):
        altered = bytearray(raw)
        altered[place // 8] ^= 1 << place % 8
        with pytest.raises(CannotOpen):
            open_whole(bytes(altered))


def open_whole(raw: bytes) -> FileKey:
    header = read_header(raw)
    if header is None or header.length != len(raw):
        raise HeaderFailure("cut")
    return open_header(header, [CLASSIC])


def test_stanza_added_by_somebody_else_is_noticed() -> None:
    raw = seal_header(FILE_KEY, [CLASSIC.recipient])
    extra = Stanza(("grease", "x"), b"body").encode()

    header = read_header(raw.replace(b"\n---", b"\n" + extra + b"---"))

    assert header is not None
    assert header.kinds == ("X25519", "grease")
    with pytest.raises(HmacFailure):
        open_header(header, [CLASSIC])
    with pytest.raises(HmacFailure):
        check_header(header, FILE_KEY)


def test_header_of_another_file_key_is_not_authenticated() -> None:
    header = read_header(seal_header(FILE_KEY, [CLASSIC.recipient]))

    assert header is not None
    check_header(header, FILE_KEY)
    with pytest.raises(HmacFailure):
        check_header(header, FileKey(bytes(16)))


@pytest.mark.parametrize(
    "raw",
    [
        b"age-encryption.org/v2\n",
        b"age-encryption.org/v1\r\n",
        b"PK\3\4",
        b"age-encryption.org/v1\n--- AAAA\n",
        b"age-encryption.org/v1\n-> \n",
        b"age-encryption.org/v1\n-> a  b\n\n",
        b"age-encryption.org/v1\n-> a\x7f\n\n",
        b"age-encryption.org/v1\n-> a\n=\n",
        b"age-encryption.org/v1\n-> a\nAB\n",
        b"age-encryption.org/v1\n-> a\n" + b"A" * 65 + b"\n",
        b"age-encryption.org/v1\nstanza\n",
    ],
)
def test_malformed_header_is_refused_as_soon_as_it_shows(raw: bytes) -> None:
    with pytest.raises(HeaderFailure):
        read_header(raw)


def test_endless_header_is_refused() -> None:
    endless = b"age-encryption.org/v1\n" + b"-> a\n\n" * (MOST_HEADER_BYTES // 6)

    assert read_header(endless[: MOST_HEADER_BYTES - 1]) is None
    with pytest.raises(HeaderFailure):
        read_header(endless)


@given(st.binary(max_size=300))
def test_noise_never_becomes_a_header(noise: bytes) -> None:
    try:
        header = read_header(b"age-encryption.org/v1\n" + noise)
    except HeaderFailure:
        return
    assert header is None
