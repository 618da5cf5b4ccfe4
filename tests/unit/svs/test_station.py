"""A station's directory: made once, unlocked by its passphrase, and slow to trust."""

import os
import stat
from pathlib import Path
from uuid import uuid4

import pytest
from sealing.errors import BadKeyset, CannotOpen
from sealing.identities import HybridIdentity
from svs.errors import CannotUse
from svs.keygen import make_station
from svs.station import Acquaintance, Station

from tests.integration.svs.samples import PASSPHRASE, WORKER, SampleStation, new_station


@pytest.fixture
def sample(tmp_path: Path) -> SampleStation:
    return new_station(tmp_path / "station")


def test_a_new_station_unlocks_with_its_passphrase(sample: SampleStation) -> None:
    identity = Station(sample.directory).unlock(PASSPHRASE)

    assert str(identity) == str(sample.identity)
    assert sample.keyset.recipients == (identity.recipient,)
    assert Station(sample.directory).keyset() == sample.keyset


def test_keys_are_for_the_owner_only(sample: SampleStation) -> None:
    assert stat.S_IMODE(sample.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in sample.directory.iterdir()} == {0o600}
    secret = str(sample.identity)
    assert not any(secret.encode() in path.read_bytes() for path in sample.directory.iterdir())


@pytest.mark.parametrize("name", ["identity.age", "root.age", "root.pub", "keyset.json"])
def test_a_directory_with_any_key_in_it_is_never_touched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")

    with pytest.raises(CannotUse, match=name):
        make_station(tmp_path, "The Daily", 1, PASSPHRASE, 4)

    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_half_a_station_is_never_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def full_disk(source: Path, target: Path, **_: object) -> None:
        written.append(target.name)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        Path(source).replace(target)
        Path(source).touch()

    monkeypatch.setattr(os, "link", full_disk)

    with pytest.raises(OSError, match="space"):
        make_station(tmp_path, "The Daily", 1, PASSPHRASE, 4)

    assert len(written) == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("newsroom", "generation"), [("", 1), ("The Daily", 0), ("x" * 201, 1)])
def test_a_keyset_that_cannot_be_makes_nothing(tmp_path: Path, newsroom: str, generation: int) -> None:
    with pytest.raises(BadKeyset):
        make_station(tmp_path / "station", newsroom, generation, PASSPHRASE, 4)

    assert list(tmp_path.iterdir()) == []


def test_a_wrong_passphrase_and_a_damaged_identity_are_the_same(sample: SampleStation) -> None:
    path = sample.directory / "identity.age"

    with pytest.raises(CannotUse) as wrong:
        Station(sample.directory).unlock(PASSPHRASE + "!")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CannotUse) as damaged:
        Station(sample.directory).unlock(PASSPHRASE)

    assert str(wrong.value) == str(damaged.value)


def test_a_missing_identity_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotUse, match=r"identity\.age"):
        Station(tmp_path).unlock(PASSPHRASE)


def test_a_keyset_of_another_newsroom_is_refused(sample: SampleStation, tmp_path: Path) -> None:
    other = new_station(tmp_path / "other")
    (sample.directory / "keyset.json").write_bytes((other.directory / "keyset.json").read_bytes())

    with pytest.raises(CannotUse, match=r"keyset\.json"):
        Station(sample.directory).keyset()


def test_workers_are_pinned_once_and_stay(sample: SampleStation) -> None:
    station = Station(sample.directory)

    assert station.worker_keys() == ()
    assert station.pin_worker(WORKER.hex)
    assert not station.pin_worker(WORKER.hex)
    assert station.pin_worker("ab" * 32)
    assert [key.hex for key in Station(sample.directory).worker_keys()] == [WORKER.hex, "ab" * 32]


@pytest.mark.parametrize("key", ["", "ab", "AB" * 32, "zz" * 32, "ab" * 33, "ab" * 32 + "\n"])
def test_what_is_no_worker_key_is_not_pinned(sample: SampleStation, key: str) -> None:
    with pytest.raises(CannotUse):
        Station(sample.directory).pin_worker(key)

    assert not (sample.directory / "workers.json").exists()


def test_damaged_pins_are_not_taken_for_no_pins(sample: SampleStation) -> None:
    (sample.directory / "workers.json").write_text("{")

    with pytest.raises(CannotUse):
        Station(sample.directory).worker_keys()


def test_the_first_reply_recipient_of_a_source_is_kept_for_good(sample: SampleStation) -> None:
    station, source = Station(sample.directory), uuid4()
    first, second = (str(HybridIdentity.generate().recipient) for _ in range(2))

    assert station.meet(source, first) is Acquaintance.NEW
    assert Station(sample.directory).meet(source, first) is Acquaintance.SAME
    assert station.meet(source, second) is Acquaintance.CHANGED
    assert station.meet(source, first) is Acquaintance.SAME
    assert station.meet(uuid4(), second) is Acquaintance.NEW


def test_what_is_no_recipient_teaches_nothing(sample: SampleStation) -> None:
    with pytest.raises(CannotOpen):
        Station(sample.directory).meet(uuid4(), "age1nonsense")

    assert not (sample.directory / "sources").exists()
