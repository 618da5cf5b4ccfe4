"""Our copy of the keyset: without a usable one nothing is accepted."""

from pathlib import Path

from contract.audit import EventName
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset, sign_keyset
from sealing.signing import SigningKey
from source_api.availability import Availability
from source_api.keyset import KeysetCopy

from tests.unit.source_api.fakes import FakeHandOver, as_hand_over

ROOT = SigningKey.generate()
RECIPIENT = HybridIdentity.generate().recipient


class Copy:
    def __init__(self, directory: Path) -> None:
        self.file = directory / "keyset.json"
        self.heard: list[tuple[EventName, int | None]] = []
        self.keyset = KeysetCopy(self.file, ROOT.public, lambda name, generation: self.heard.append((name, generation)))

    def put(self, generation: int, root: SigningKey = ROOT) -> None:
        self.file.write_bytes(sign_keyset(root, Keyset(generation, (RECIPIENT,), None, None, "The Courier")))
        self.keyset.check()


def test_a_missing_or_foreign_keyset_is_not_usable_and_reported_once(tmp_path: Path) -> None:
    copy = Copy(tmp_path)

    copy.keyset.check()
    copy.keyset.check()
    assert (copy.keyset.is_usable, copy.heard) == (False, [(EventName.KEYSET_REFUSED, None)])
    copy.put(1, SigningKey.generate())

    assert (copy.keyset.is_usable, len(copy.heard)) == (False, 2)


def test_a_newer_keyset_is_taken_up_and_an_older_or_broken_one_is_not(tmp_path: Path) -> None:
    copy = Copy(tmp_path)

    copy.put(2)
    copy.put(3)
    copy.put(1)
    copy.file.write_bytes(b"{}")
    copy.keyset.check()

    assert copy.keyset.is_usable
    assert copy.heard == [
        (EventName.KEYSET_LOADED, 2),
        (EventName.KEYSET_LOADED, 3),
        (EventName.KEYSET_REFUSED, 1),
        (EventName.KEYSET_REFUSED, None),
    ]


def test_the_service_is_open_only_with_both_worker_and_keyset(tmp_path: Path) -> None:
    copy, hand_over = Copy(tmp_path), FakeHandOver()
    availability = Availability(as_hand_over(hand_over), copy.keyset, lambda _: None)

    without_keyset = availability.is_open()
    copy.put(1)
    with_both = availability.is_open()
    hand_over.is_open = False

    assert (without_keyset, with_both, availability.is_open()) == (False, True, False)
