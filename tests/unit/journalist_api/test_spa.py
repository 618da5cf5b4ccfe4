"""The web app's files and its pins."""

import json
from pathlib import Path

import pytest
from journalist_api.names import _UNSAFE
from journalist_api.pins import PinsError, check_pins, pins_json, pins_of
from journalist_api.settings import JournalistSettings
from journalist_api.spa import SpaError, load
from sealing.identities import HybridIdentity
from sealing.keyset import Keyset

KEYSET = Keyset(3, (HybridIdentity.generate().recipient,), None, None, "The Courier")


def settings(**changed: object) -> JournalistSettings:
    values: dict[str, object] = {
        "name": "journalist-1",
        "listen": "127.0.0.1:0",
        "workers": {"worker-1": "ab" * 32},
        "root_public_key": "cd" * 32,
    }
    files = {f"{name}_file": Path(name) for name in ("signing_key", "audit_key", "totp_key", "keyset")}
    return JournalistSettings.model_validate({**values, **files, "spa_dir": Path("spa"), **changed})


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "pins.json").write_bytes(pins_json(pins_of(settings(), KEYSET)))
    (tmp_path / "assets" / "index-1.js").write_text("1")
    return tmp_path


def test_exactly_the_built_files_are_served(built: Path) -> None:
    files = {file.path: file.content_type for file in load(built)}

    assert files == {
        "/": "text/html; charset=utf-8",
        "/index.html": "text/html; charset=utf-8",
        "/pins.json": "application/json",
        "/assets/index-1.js": "text/javascript; charset=utf-8",
    }


@pytest.mark.parametrize("missing", ["index.html", "pins.json"])
def test_a_directory_without_page_or_pins_is_refused(built: Path, missing: str) -> None:
    (built / missing).unlink()

    with pytest.raises(SpaError):
        load(built)


def test_a_directory_with_other_files_is_refused(built: Path) -> None:
    (built / "key.pem").write_text("secret")
    with pytest.raises(SpaError):
        load(built)

    (built / "key.pem").unlink()
    (built / "link.js").symlink_to("/etc/passwd")
    with pytest.raises(SpaError):
        load(built)


def test_pins_that_agree_with_the_settings_are_accepted() -> None:
    blob = pins_json(pins_of(settings(), KEYSET))

    check_pins(blob, settings(), KEYSET)
    older = json.loads(blob) | {"keyset_generation": 2}
    check_pins(json.dumps(older).encode(), settings(), KEYSET)


@pytest.mark.parametrize(
    "changed",
    [
        {"root_public_key": "ee" * 32},
        {"workers": {"worker-1": "ee" * 32}},
        {"workers": {}},
        {"demo": True},
        {"newsroom": "Another"},
        {"keyset_generation": 4},
        {"more": 1},
    ],
)
def test_pins_that_disagree_are_refused(changed: dict[str, object]) -> None:
    pins = json.loads(pins_json(pins_of(settings(), KEYSET))) | changed

    with pytest.raises(PinsError):
        check_pins(json.dumps(pins).encode(), settings(), KEYSET)


def test_pins_that_are_no_json_are_refused() -> None:
    with pytest.raises(PinsError):
        check_pins(b"{", settings(), KEYSET)


@pytest.mark.parametrize("hostile", ["../../etc", 'a"; x="', "a\r\nb", "a/b", "ÄÖ"])
def test_no_designation_makes_an_unsafe_name(hostile: str) -> None:
    assert not set(_UNSAFE.sub("-", hostile.lower())) & set('/\\"\r\n.')
