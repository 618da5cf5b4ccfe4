"""The SVS keyset: signed by the root key, of one kind, within bounds, or refused."""

from typing import Any
from uuid import UUID

import pytest
from sealing.errors import BadKeyset
from sealing.identities import HybridIdentity, X25519Identity
from sealing.keyset import Keyset, open_keyset, sign_keyset
from sealing.recipients import Recipient
from sealing.signing import SigningKey, open_envelope, sign_envelope

ROOT, OTHER = SigningKey(b"r" * 32), SigningKey(b"o" * 32)
HYBRIDS: list[Recipient] = [HybridIdentity.generate().recipient for _ in range(17)]
CLASSIC = X25519Identity.generate().recipient


def keyset(*recipients: Recipient, drill: Recipient | None = None, **fields: Any) -> Keyset:
    values: dict[str, Any] = {
        "generation": 3,
        "recipients": recipients,
        "drill_recipient": drill,
        "drill_source": UUID(int=5) if drill else None,
        "newsroom": "The Daily Örder",
    }
    return Keyset(**{**values, **fields})


@pytest.mark.parametrize(
    "good",
    [keyset(HYBRIDS[0]), keyset(*HYBRIDS[:16]), keyset(*HYBRIDS[:2], drill=HYBRIDS[2]), keyset(CLASSIC)],
    ids=["one", "sixteen", "with drill", "classic only"],
)
def test_keyset_reads_back(good: Keyset) -> None:
    assert open_keyset(ROOT.public, sign_keyset(ROOT, good)) == good


def test_fingerprints_are_sorted_and_leave_the_drill_out() -> None:
    made = keyset(*HYBRIDS[:5], drill=HYBRIDS[5])

    assert list(made.fingerprints()) == sorted(recipient.fingerprint().hex() for recipient in HYBRIDS[:5])


def test_keyset_of_another_root_key_or_altered_is_refused() -> None:
    blob = sign_keyset(OTHER, keyset(HYBRIDS[0]))

    for root, altered in [(ROOT.public, blob), (OTHER.public, blob[:-1]), (OTHER.public, b""), (b"short", blob)]:
        with pytest.raises(BadKeyset):
            open_keyset(root, altered)


def test_keyset_signed_for_another_purpose_is_refused() -> None:
    body = open_envelope(ROOT.verify_key, "keyset/v1", sign_keyset(ROOT, keyset(HYBRIDS[0])))

    with pytest.raises(BadKeyset):
        open_keyset(ROOT.public, sign_envelope(ROOT, "receipt/v1", body))


@pytest.mark.parametrize(
    ("recipients", "fields"),
    [
        ([], {}),
        (HYBRIDS, {}),
        ([HYBRIDS[0], CLASSIC], {}),
        ([HYBRIDS[0], HYBRIDS[0]], {}),
        ([HYBRIDS[0]], {"drill": CLASSIC}),
        ([HYBRIDS[0]], {"drill": HYBRIDS[0]}),
        ([HYBRIDS[0]], {"drill": HYBRIDS[1], "drill_source": None}),
        ([HYBRIDS[0]], {"drill_source": UUID(int=1)}),
        ([HYBRIDS[0]], {"generation": 0}),
        ([HYBRIDS[0]], {"generation": True}),
        ([HYBRIDS[0]], {"newsroom": ""}),
        ([HYBRIDS[0]], {"newsroom": "x" * 201}),
    ],
)
def test_keyset_that_must_not_be_used_cannot_be_made(recipients: list[Recipient], fields: dict[str, Any]) -> None:
    with pytest.raises(BadKeyset):
        keyset(*recipients, **fields)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"generation": "1"},
        {"generation": 1.0},
        {"recipients": []},
        {"recipients": "age1"},
        {"recipients": [str(HYBRIDS[0]), str(CLASSIC)]},
        {"recipients": [str(recipient) for recipient in HYBRIDS]},
        {"drill_source": "x"},
        {"newsroom": 1},
        {"extra": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_signed_keyset_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    body = open_envelope(ROOT.verify_key, "keyset/v1", sign_keyset(ROOT, keyset(HYBRIDS[0])))

    with pytest.raises(BadKeyset):
        open_keyset(ROOT.public, sign_envelope(ROOT, "keyset/v1", {**body, **change}))
