"""A worker starts only with a keyset the newsroom signed, and never goes back to an older one."""

from pathlib import Path
from uuid import uuid4

import pytest
from crypto_worker.errors import KeysetRefused
from crypto_worker.keyset import MEMORY_FILE, load_keyset, recipients_for
from sealing.identities import HybridIdentity, X25519Identity
from sealing.keyset import Keyset, sign_keyset
from sealing.recipients import Recipient
from sealing.signing import SigningKey, sign_envelope

ROOT = SigningKey.generate()
RECIPIENT, OTHER = HybridIdentity.generate().recipient, HybridIdentity.generate().recipient


class Place:
    """A keyset file and a state directory."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "keyset.json"
        self.state = directory / "state"
        self.state.mkdir()

    def put(self, generation: int, *recipients: Recipient, key: SigningKey = ROOT) -> None:
        self.file.write_bytes(sign_keyset(key, Keyset(generation, recipients or (RECIPIENT,), None, None, "Test")))

    def load(self) -> Keyset:
        return load_keyset(self.file, ROOT.public, self.state)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_signed_keyset_is_loaded_and_its_generation_remembered(place: Place) -> None:
    place.put(3)

    assert place.load().recipients == (RECIPIENT,)
    assert place.load().generation == 3
    assert [path.name for path in place.state.iterdir()] == [MEMORY_FILE]


def test_missing_keyset_is_refused(place: Place) -> None:
    with pytest.raises(KeysetRefused):
        place.load()


def test_keyset_signed_by_another_key_is_refused(place: Place) -> None:
    place.put(1, key=SigningKey.generate())

    with pytest.raises(KeysetRefused):
        place.load()


@pytest.mark.parametrize("blob", [b"", b"{}", b"x" * 300_000])
def test_file_that_is_no_keyset_is_refused(place: Place, blob: bytes) -> None:
    place.file.write_bytes(blob)

    with pytest.raises(KeysetRefused):
        place.load()


def test_every_changed_byte_of_a_keyset_is_refused(place: Place) -> None:
    place.put(1)
    blob = place.file.read_bytes()

    for position in range(0, len(blob), 97):
        place.file.write_bytes(blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :])
        with pytest.raises(KeysetRefused):
            place.load()


def test_mixed_keyset_is_refused_even_if_signed(place: Place) -> None:
    recipients = [str(RECIPIENT), str(X25519Identity.generate().recipient)]
    body = {"v": 1, "generation": 1, "recipients": recipients, "newsroom": "Test"}
    blob = sign_envelope(ROOT, "keyset/v1", {**body, "drill_recipient": None, "drill_source": None})
    place.file.write_bytes(blob)

    with pytest.raises(KeysetRefused):
        place.load()


def test_older_generation_is_refused_after_a_restart(place: Place) -> None:
    place.put(2)
    place.load()
    place.put(1)

    with pytest.raises(KeysetRefused):
        place.load()


def test_same_generation_with_other_recipients_is_refused(place: Place) -> None:
    place.put(2)
    place.load()
    place.put(2, OTHER)

    with pytest.raises(KeysetRefused):
        place.load()


def test_newer_generation_is_taken_and_the_old_one_refused_from_then_on(place: Place) -> None:
    place.put(1)
    place.load()
    place.put(2, OTHER)
    assert place.load().recipients == (OTHER,)
    place.put(1)

    with pytest.raises(KeysetRefused):
        place.load()


@pytest.mark.parametrize("memory", [b"", b"5", b"{}", b'{"generation": "x", "sha256": ""}', b"\xff"])
def test_damaged_memory_is_refused_rather_than_forgotten(place: Place, memory: bytes) -> None:
    place.put(1)
    (place.state / MEMORY_FILE).write_bytes(memory)

    with pytest.raises(KeysetRefused):
        place.load()


def test_missing_state_directory_is_refused(place: Place) -> None:
    place.put(1)
    place.state.rmdir()

    with pytest.raises(KeysetRefused):
        place.load()


def test_refused_keyset_is_not_remembered(place: Place) -> None:
    place.put(9, key=SigningKey.generate())
    with pytest.raises(KeysetRefused):
        place.load()

    assert list(place.state.iterdir()) == []


def test_only_the_drill_source_is_sealed_to_the_drill_recipient_too() -> None:
    drill_source = uuid4()
    keyset = Keyset(1, (RECIPIENT,), OTHER, drill_source, "Test")

    assert recipients_for(keyset, drill_source) == (RECIPIENT, OTHER)
    assert recipients_for(keyset, uuid4()) == (RECIPIENT,)
