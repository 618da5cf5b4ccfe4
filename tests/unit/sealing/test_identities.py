"""Recipients and identities: text forms, wrapping, and what is refused."""

import pytest
from sealing.errors import BadRecipient, HeaderFailure
from sealing.identities import HybridIdentity, X25519Identity, parse_identity
from sealing.recipients import HybridRecipient, X25519Recipient, parse_recipient
from sealing.secrets import FileKey
from sealing.stanza import Stanza, to_base64

KINDS = [HybridIdentity, X25519Identity]
Kind = type[HybridIdentity | X25519Identity]
FILE_KEY = FileKey(bytes(range(16)))


@pytest.mark.parametrize("kind", KINDS)
def test_text_forms_read_back(kind: Kind) -> None:
    identity = kind.generate()

    assert str(parse_identity(str(identity))) == str(identity)
    assert parse_identity(str(identity)).recipient == identity.recipient
    assert parse_recipient(str(identity.recipient)) == identity.recipient


def test_text_forms_are_those_of_age() -> None:
    hybrid, classic = HybridIdentity.generate(), X25519Identity.generate()

    assert str(hybrid).startswith("AGE-SECRET-KEY-PQ-1")
    assert str(hybrid.recipient).startswith("age1pq1")
    assert len(str(hybrid.recipient)) == 1959
    assert str(classic).startswith("AGE-SECRET-KEY-1")
    assert str(classic.recipient).startswith("age1")
    assert len(str(classic.recipient)) == 62


def test_recipients_do_not_print_their_key() -> None:
    assert "raw" not in repr(X25519Identity.generate().recipient)


def test_seed_gives_the_same_identity_again() -> None:
    first, second = HybridIdentity.from_seed(b"s" * 32), HybridIdentity.from_seed(b"s" * 32)
    assert first.recipient == second.recipient
    assert first.recipient.fingerprint() == second.recipient.fingerprint()
    assert len(first.recipient.fingerprint()) == 32


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_right_identity_unwraps(kind: Kind) -> None:
    identity, other = kind.generate(), kind.generate()

    stanzas = [other.recipient.wrap(FILE_KEY), identity.recipient.wrap(FILE_KEY), Stanza(("grease",), b"")]

    for holder in (identity, other):
        unwrapped = holder.unwrap(stanzas)
        assert unwrapped is not None
        assert unwrapped.raw == FILE_KEY.raw
    assert kind.generate().unwrap(stanzas) is None
    assert identity.unwrap([]) is None


@pytest.mark.parametrize("kind", KINDS)
def test_wrapping_twice_gives_different_stanzas(kind: Kind) -> None:
    recipient = kind.generate().recipient
    assert recipient.wrap(FILE_KEY) != recipient.wrap(FILE_KEY)


@pytest.mark.parametrize("kind", KINDS)
def test_stanza_of_a_wrong_shape_is_a_header_failure(kind: Kind) -> None:
    identity = kind.generate()
    good = identity.recipient.wrap(FILE_KEY)

    bad = [
        Stanza((*good.args, "more"), good.body),
        Stanza(good.args[:1], good.body),
        Stanza(good.args, good.body + b"x"),
        Stanza((good.args[0], good.args[1] + "A"), good.body),
        Stanza((good.args[0], "!" * 8), good.body),
    ]

    for stanza in bad:
        with pytest.raises(HeaderFailure):
            identity.unwrap([stanza])


@pytest.mark.parametrize("kind", KINDS)
def test_share_of_low_order_is_a_header_failure(kind: Kind) -> None:
    identity = kind.generate()
    good = identity.recipient.wrap(FILE_KEY)
    share = bytes(32) if kind is X25519Identity else bytes(1088 + 32)

    with pytest.raises(HeaderFailure):
        identity.unwrap([Stanza((good.args[0], to_base64(share)), good.body)])


def test_public_keys_of_low_order_or_other_lengths_are_refused() -> None:
    hybrid = HybridIdentity.generate().recipient

    with pytest.raises(BadRecipient):
        X25519Recipient(bytes(32)).wrap(FILE_KEY)
    with pytest.raises(BadRecipient):
        HybridRecipient(hybrid.raw[:-32] + bytes(32)).wrap(FILE_KEY)
    with pytest.raises(BadRecipient):
        X25519Recipient(bytes(31))
    with pytest.raises(BadRecipient):
        HybridRecipient(hybrid.raw[:-1])
    with pytest.raises(BadRecipient):
        HybridRecipient(b"\xff" * 1216)


def test_text_that_is_no_key_is_refused() -> None:
    identity = HybridIdentity.generate()
    recipient = str(identity.recipient)

    for text in [
        "",
        "age1",
        recipient.upper(),
        recipient[:-1],
        recipient + "q",
        str(identity),
        "bc1qw508d6qejxtdg4y5r3",
    ]:
        with pytest.raises(BadRecipient):
            parse_recipient(text)
    for text in ["", str(identity).lower(), str(identity)[:-1], recipient]:
        with pytest.raises(BadRecipient):
            parse_identity(text)


@pytest.mark.parametrize("length", [31, 33])
def test_private_keys_of_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        HybridIdentity.from_seed(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        X25519Identity(bytes(length))
