"""Epoch keys: what is sealed to one opens with it, under the same info, and in no other way."""

import pytest
from sealing.epoch import EPOCH_PUBLIC_BYTES, EpochKey, seal_to_epoch
from sealing.errors import BadRecipient, CannotOpen

KEY = EpochKey(b"e" * 32)


def test_sealed_secret_opens_with_the_epoch_key() -> None:
    sealed = seal_to_epoch(KEY.public, b"info", b"secret")

    assert KEY.open(b"info", sealed) == b"secret"
    assert len(KEY.public) == EPOCH_PUBLIC_BYTES == 1216
    assert len(sealed) == len(b"secret") + 1136
    assert sealed != seal_to_epoch(KEY.public, b"info", b"secret")


def test_another_epoch_or_info_does_not_open_it() -> None:
    sealed = seal_to_epoch(KEY.public, b"info", b"secret")

    with pytest.raises(CannotOpen):
        EpochKey.generate().open(b"info", sealed)
    with pytest.raises(CannotOpen):
        KEY.open(b"inf0", sealed)


def test_every_flipped_byte_and_every_cut_is_noticed() -> None:
    sealed = seal_to_epoch(KEY.public, b"info", b"secret")

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        # The top bit of the last X25519 byte is masked by RFC 7748; HPKE binds it all the same.
        altered[place] ^= 0x80
        with pytest.raises(CannotOpen):
            KEY.open(b"info", bytes(altered))
    for length in range(0, len(sealed), 97):
        with pytest.raises(CannotOpen):
            KEY.open(b"info", sealed[:length])


@pytest.mark.parametrize("public", [b"", b"\xff" * 1216, KEY.public[:-32] + bytes(32)], ids=["empty", "noise", "low"])
def test_what_is_no_epoch_key_is_refused(public: bytes) -> None:
    with pytest.raises(BadRecipient):
        seal_to_epoch(public, b"info", b"secret")
