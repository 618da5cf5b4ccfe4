"""Secrets: hidden, not copied by accident, and derived for one purpose each."""

import copy
import pickle

import pytest
from sealing.codename import SourceKeys
from sealing.epoch import EpochKey
from sealing.identities import HybridIdentity, X25519Identity
from sealing.passphrase import ScryptIdentity, ScryptRecipient
from sealing.secrets import FileKey, Hidden, UploadSecret
from sealing.signing import SigningKey

UPLOAD = bytes(range(16))


def every_secret() -> list[Hidden]:
    identity = HybridIdentity.from_seed(b"A" * 32)
    return [
        FileKey(b"A" * 16),
        UploadSecret(b"A" * 32),
        SigningKey(b"A" * 32),
        EpochKey(b"A" * 32),
        identity,
        X25519Identity(b"A" * 32),
        SourceKeys(b"A" * 32, identity),
        ScryptIdentity("AAAA"),
        ScryptRecipient("AAAA"),
    ]


@pytest.mark.parametrize("secret", every_secret(), ids=lambda secret: type(secret).__name__)
def test_a_secret_shows_nothing_and_is_neither_pickled_nor_copied(secret: Hidden) -> None:
    assert repr(secret) == f"{type(secret).__name__}(hidden)"
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            attempt(secret)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_file_key_is_16_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        FileKey(bytes(length))


def test_an_upload_secret_is_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        UploadSecret(bytes(16))


def test_random_secrets_differ() -> None:
    assert FileKey.random().raw != FileKey.random().raw
    assert UploadSecret.random().raw != UploadSecret.random().raw


def test_item_keys_differ_by_upload_number_and_secret() -> None:
    secret, other = UploadSecret(bytes(32)), UploadSecret(b"\1" * 32)

    keys = [
        secret.item_key(UPLOAD, 0),
        secret.item_key(UPLOAD, 1),
        secret.item_key(UPLOAD, 256),
        secret.item_key(bytes(16), 0),
        other.item_key(UPLOAD, 0),
    ]

    assert len({key.raw for key in keys}) == len(keys)
    assert secret.item_key(UPLOAD, 0).raw == keys[0].raw


def test_item_key_is_hkdf_sha256_with_the_documented_info() -> None:
    """Computed with the standard library alone: RFC 5869, one block."""
    import hmac

    prk = hmac.digest(bytes(32), bytes(32), "sha256")
    info = b"sealdrop/item/v1" + UPLOAD + (7).to_bytes(2, "big")

    expected = hmac.digest(prk, info + b"\1", "sha256")[:16]

    assert UploadSecret(bytes(32)).item_key(UPLOAD, 7).raw == expected


@pytest.mark.parametrize("number", [-1, 65536])
def test_item_number_outside_two_bytes_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="item number"):
        UploadSecret(bytes(32)).item_key(UPLOAD, number)


def test_upload_id_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="upload id"):
        UploadSecret(bytes(32)).item_key(bytes(15), 0)
    with pytest.raises(ValueError, match="upload id"):
        UploadSecret(bytes(32)).finish_mac(bytes(17), b"")


def test_finish_mac_binds_secret_upload_and_body() -> None:
    secret = UploadSecret(bytes(32))

    macs = {
        secret.finish_mac(UPLOAD, b"body"),
        secret.finish_mac(UPLOAD, b"bodz"),
        secret.finish_mac(bytes(16), b"body"),
        UploadSecret(b"\1" * 32).finish_mac(UPLOAD, b"body"),
    }

    assert len(macs) == 4
    assert {len(mac) for mac in macs} == {32}
    assert secret.finish_mac(UPLOAD, b"body") in macs
