"""Envelopes: one spelling, one context, one trusted key."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sealing.errors import BadSignature
from sealing.signing import (
    SigningKey,
    VerifyKey,
    canonical,
    open_envelope,
    open_envelope_by,
    sign_bytes,
    sign_envelope,
    verify_bytes,
)

KEY = SigningKey(bytes(32))
OTHER = SigningKey(b"\1" * 32)
BODY = {"b": [1, None, "ü"], "a": {"z": True}}


def resigned(raw_body: bytes, key: SigningKey = KEY) -> bytes:
    """An honest signature over any bytes."""
    body, sig = (base64.b64encode(part).decode() for part in (raw_body, sign_bytes(key, "test/v1", raw_body)))
    return canonical({"body": body, "by": key.hex, "sig": sig})


def test_public_key_is_the_one_of_rfc_8032() -> None:
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = SigningKey(seed)
    assert key.hex == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert (
        key.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a3")
    )
    assert key.seed == seed
    assert VerifyKey.from_hex(key.hex) == key.verify_key


def test_canonical_json_has_sorted_keys_no_spaces_and_ascii_only() -> None:
    assert canonical(BODY) == b'{"a":{"z":true},"b":[1,null,"\\u00fc"]}'
    with pytest.raises(ValueError, match="JSON"):
        canonical(float("nan"))


def test_envelope_opens_with_its_key_and_says_which() -> None:
    blob = sign_envelope(KEY, "test/v1", BODY)

    assert open_envelope(KEY.verify_key, "test/v1", blob) == BODY
    assert open_envelope_by([OTHER.verify_key, KEY.verify_key], "test/v1", blob) == (KEY.verify_key, BODY)


def test_envelope_of_another_key_or_context_is_refused() -> None:
    blob = sign_envelope(KEY, "test/v1", BODY)

    for keys, context in [([OTHER.verify_key], "test/v1"), ([], "test/v1"), ([KEY.verify_key], "test/v2")]:
        with pytest.raises(BadSignature):
            open_envelope(keys, context, blob)


def test_envelope_renamed_to_a_trusted_key_is_refused() -> None:
    blob = sign_envelope(OTHER, "test/v1", BODY).replace(OTHER.hex.encode(), KEY.hex.encode())

    with pytest.raises(BadSignature):
        open_envelope(KEY.verify_key, "test/v1", blob)


def test_every_flipped_byte_of_an_envelope_is_refused() -> None:
    blob = sign_envelope(KEY, "test/v1", BODY)

    for place in range(len(blob)):
        altered = bytearray(blob)
        altered[place] ^= 1
        with pytest.raises(BadSignature):
            open_envelope(KEY.verify_key, "test/v1", bytes(altered))


@pytest.mark.parametrize(
    "raw_body",
    [b'{"a": 1}', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"[]", b"1", b"", b"\xff", b'{"a":NaN}', b"[" * 100_000],
)
def test_signed_body_that_is_not_a_canonical_object_is_refused(raw_body: bytes) -> None:
    with pytest.raises(BadSignature):
        open_envelope(KEY.verify_key, "test/v1", resigned(raw_body))


def test_envelope_in_another_spelling_is_refused() -> None:
    blob = sign_envelope(KEY, "test/v1", BODY)
    parts = json.loads(blob)

    spellings = [
        json.dumps(parts).encode(),
        blob + b"\n",
        canonical({**parts, "extra": 1}),
        canonical({**parts, "by": parts["by"].upper()}),
        canonical({**parts, "body": parts["body"].rstrip("=") + "\n"}),
        canonical({**parts, "sig": 1}),
        canonical({**parts, "sig": parts["sig"][:-4]}),
    ]

    for spelling in spellings:
        with pytest.raises(BadSignature):
            open_envelope(KEY.verify_key, "test/v1", spelling)


@given(st.binary(max_size=200))
def test_noise_is_never_an_envelope(noise: bytes) -> None:
    with pytest.raises(BadSignature):
        open_envelope(KEY.verify_key, "test/v1", noise)


def test_detached_signature_is_bound_to_context_and_message() -> None:
    signature = sign_bytes(KEY, "frame/v1", b"message")

    verify_bytes(KEY.verify_key, "frame/v1", b"message", signature)

    for key, context, message, sig in [
        (OTHER, "frame/v1", b"message", signature),
        (KEY, "frame/v2", b"message", signature),
        (KEY, "frame/v1", b"messagf", signature),
        (KEY, "frame/v1", b"message", signature[:-1]),
        (KEY, "frame/v1", b"message", bytes(64)),
    ]:
        with pytest.raises(BadSignature):
            verify_bytes(key.verify_key, context, message, sig)


@pytest.mark.parametrize("context", ["", "a\0b", "ü"])
def test_context_that_could_be_misread_is_refused(context: str) -> None:
    with pytest.raises(ValueError, match="context"):
        sign_bytes(KEY, context, b"")


def test_context_and_message_cannot_trade_bytes() -> None:
    with pytest.raises(BadSignature):
        verify_bytes(KEY.verify_key, "ab", b"c", sign_bytes(KEY, "a", b"bc"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        SigningKey(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        VerifyKey(bytes(length))
