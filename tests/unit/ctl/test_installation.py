"""A new installation: each secret in one place, and everything the services pin fits together."""

import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ctl.installation import JOURNALIST, MONITOR, ROOMS, SOURCE, WORKER, Installation, Places, Plan
from sealing.signing import SigningKey

ROOT_KEY = "11" * 32


def plan(directory: Path, *, tls: bool) -> Plan:
    keyset = directory / "keyset.json"
    keyset.write_text("{}")
    places = Places(
        settings={name: f"/etc/{name}" for name in ROOMS},
        state={WORKER: "/var/w", MONITOR: "/var/m"},
        listen={SOURCE: "/run/s.sock", JOURNALIST: "/run/j.sock"},
        spa="/opt/spa",
        tls=tls,
    )
    return Plan(directory / "made", keyset, ROOT_KEY, "The Courier", "deployment-1", places)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A written installation with TLS."""
    Installation(plan(tmp_path, tls=True)).write()
    return tmp_path / "made"


def settings(made: Path, room: str) -> dict[str, Any]:
    return tomllib.loads((made / room / "settings.toml").read_text())


def public_of(key: Path) -> str:
    return SigningKey(bytes.fromhex(key.read_text())).hex


def test_what_is_pinned_is_the_public_half_of_what_was_drawn(made: Path) -> None:
    worker = public_of(made / "crypto-worker" / "signing.key")

    assert settings(made, "source-api")["workers"] == {WORKER: worker}
    assert settings(made, "journalist-api")["workers"] == {WORKER: worker}
    producers = settings(made, "crypto-worker")["producers"]
    assert producers["submissions"] == {SOURCE: public_of(made / "source-api" / "signing.key")}
    assert producers["replies"] == {JOURNALIST: public_of(made / "journalist-api" / "signing.key")}
    services = {name: public_of(made / room / "audit.key") for name, room in ROOMS.items() if name != MONITOR}
    assert settings(made, "monitor-agent")["services"] == services


def test_secrets_are_all_different_and_only_their_owner_may_read_them(made: Path) -> None:
    keys = [
        path for path in made.glob("*/*.key") if "BEGIN" not in path.read_text() and path.parent.name in ROOMS.values()
    ]

    assert len({path.read_text() for path in keys}) == len(keys) == 9
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.rglob("*.key")} == {0o600}


def test_the_authority_s_key_is_not_kept(made: Path) -> None:
    files = [path.name for path in made.rglob("*") if path.is_file()]

    assert "ca.crt" in files
    assert "ca.key" not in files


def test_an_installation_is_never_written_over(tmp_path: Path) -> None:
    first = plan(tmp_path, tls=False)
    Installation(first).write()
    before = (first.directory / "source-api" / "pepper.key").read_text()

    with pytest.raises(FileExistsError):
        Installation(first).write()

    assert (first.directory / "source-api" / "pepper.key").read_text() == before


def test_the_web_app_is_told_to_trust_the_worker_and_the_root_key(tmp_path: Path) -> None:
    installation = Installation(plan(tmp_path, tls=False))
    installation.write()

    pins = installation.pins(7)

    worker = public_of(tmp_path / "made" / "crypto-worker" / "signing.key")
    assert (pins["root_public_key"], pins["workers"], pins["keyset_generation"]) == (ROOT_KEY, {WORKER: worker}, 7)
    assert pins["demo"] is False


def test_without_tls_no_broker_is_named(tmp_path: Path) -> None:
    first = plan(tmp_path, tls=False)
    Installation(first).write()

    assert "broker" not in settings(first.directory, "source-api")
    assert not list(first.directory.rglob("*.crt"))
