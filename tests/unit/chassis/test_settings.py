"""Settings and secret files."""

from pathlib import Path

import pytest
from chassis.settings import DEMO_MARKER, Settings, SettingsError, load, load_for_service, read_secret

SECRET = bytes(range(32))


class Example(Settings):
    name: str
    port: int
    where: Path = Path("/run")


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_a_toml_file_becomes_a_frozen_model(tmp_path: Path) -> None:
    settings = load(Example, written(tmp_path, 'name = "a"\nport = 1\nwhere = "/srv"\n'))

    assert settings == Example(name="a", port=1, where=Path("/srv"))
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 2  # type: ignore[misc]  # the assignment is the test


@pytest.mark.parametrize(
    "text", ['name = "hunter2"\nport = "hunter2"\n', 'name = "a"\nport = 1\nsecret = "hunter2"\n', "name = hunter2"]
)
def test_a_bad_file_is_refused_without_quoting_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(Example, written(tmp_path, text))

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load(Example, tmp_path / "nothing.toml")


@pytest.mark.parametrize("content", [SECRET, SECRET.hex().encode(), f"  {SECRET.hex()}\n".encode()])
def test_a_secret_is_raw_or_hexadecimal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o400)

    assert read_secret(path) == SECRET


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o620, 0o644, 0o602])
def test_a_secret_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(mode)

    with pytest.raises(SettingsError):
        read_secret(path)


@pytest.mark.parametrize("content", [b"", SECRET[:31], SECRET * 2, b"zz" * 32, SECRET.hex().encode()[:62], b"0" * 4096])
def test_a_secret_of_another_shape_is_refused_without_quoting_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SettingsError) as caught:
        read_secret(path)
    assert content == b"" or content.hex() not in str(caught.value)


def test_a_directory_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        read_secret(tmp_path)


class Served(Settings):
    """Settings of a service that can be a demo's."""

    demo: bool = False


def test_a_service_refuses_settings_that_say_demo(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("demo = true\n")

    assert load(Served, path).demo
    with pytest.raises(SettingsError, match="demo"):
        load_for_service(Served, path)


def test_a_service_refuses_settings_below_a_demo_s_directory(tmp_path: Path) -> None:
    path = tmp_path / "installation" / "worker" / "settings.toml"
    path.parent.mkdir(parents=True)
    path.write_text("")
    assert load_for_service(Served, path) == Served()

    (tmp_path / DEMO_MARKER).touch()

    with pytest.raises(SettingsError, match="demo"):
        load_for_service(Served, path)
