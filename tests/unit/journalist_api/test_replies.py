"""What can be known of a sealed reply."""

import hashlib
import io
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journalist_api.replies import NotASealedReply, describe, opened_length
from sealing.age import seal
from sealing.identities import HybridIdentity, X25519Identity
from sealing.payload import sealed_payload_length

SOURCE, SVS = HybridIdentity.generate().recipient, HybridIdentity.generate().recipient


def sealed(size: int, *recipients: object) -> bytes:
    writer = io.BytesIO()
    seal(io.BytesIO(bytes(size)), writer, list(recipients or (SOURCE, SVS)))  # type: ignore[arg-type]  # any kind
    return writer.getvalue()


@given(st.integers(0, 2_000_000))
def test_the_plaintext_length_follows_from_the_payloads(length: int) -> None:
    assert opened_length(sealed_payload_length(length)) == length


@pytest.mark.parametrize("length", [0, 15, 31, 16 + 65552 + 1, 16 + 65552 + 16])
def test_lengths_no_payload_has_are_none(length: int) -> None:
    assert opened_length(length) is None


@pytest.mark.parametrize("size", [16 * 1024, 64 * 1024, 67_584])
def test_a_reply_of_a_size_class_is_described(size: int) -> None:
    item_id, age_file = uuid4(), sealed(size)

    item = describe(item_id, age_file)

    assert (item.item_id, item.kind, item.size_class) == (item_id, "reply", size)
    assert item.payload_bytes == len(age_file)
    assert item.payload_sha256 == hashlib.sha256(age_file).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 16 * 1024 - 1, 16 * 1024 + 1, 32 * 1024, 65_537])
def test_a_reply_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(NotASealedReply):
        describe(uuid4(), sealed(size))


def test_a_reply_to_classic_recipients_or_to_one_only_is_refused() -> None:
    classic = [X25519Identity.generate().recipient for _ in range(2)]

    for age_file in (sealed(16 * 1024, *classic), sealed(16 * 1024, SOURCE)):
        with pytest.raises(NotASealedReply):
            describe(uuid4(), age_file)


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"age-encryption.org/v1\n", b"age-encryption.org/v1\n-> X25519", b"0" * 17_000],
)
def test_what_is_no_age_file_is_refused(body: bytes) -> None:
    with pytest.raises(NotASealedReply):
        describe(uuid4(), body)


def test_a_reply_over_the_limit_is_refused() -> None:
    with pytest.raises(NotASealedReply):
        describe(uuid4(), sealed(1_114_112))
