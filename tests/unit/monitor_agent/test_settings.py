"""What a settings file may say."""

from pathlib import Path

import pytest
from chassis.settings import SettingsError, load
from monitor_agent.settings import MonitorSettings

KEY, OTHER = "ab" * 32, "cd" * 32
MAIL = '\n[smtp]\nhost = "localhost"\nsender = "a@example.org"\nrecipient = "b@example.org"\n'


def loaded(tmp_path: Path, text: str) -> MonitorSettings:
    (tmp_path / "settings.toml").write_text(text)
    return load(MonitorSettings, tmp_path / "settings.toml")


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    settings = loaded(tmp_path, f'state_dir = "/var/lib/x"\n[services]\nsource-1 = "{KEY}"\n')

    assert settings.services == {"source-1": KEY}
    assert settings.heartbeat_missed_seconds == 35.0
    assert settings.smtp is None


@pytest.mark.parametrize(
    "services",
    ["", 'source-1 = "ab"\n', f'Source_1 = "{KEY}"\n', f'a = "{KEY}"\nb = "{KEY}"\n', f'a = "{KEY.upper()}"\n'],
)
def test_services_without_keys_of_their_own_are_refused(tmp_path: Path, services: str) -> None:
    with pytest.raises(SettingsError):
        loaded(tmp_path, f'state_dir = "/var/lib/x"\n[services]\n{services}')


@pytest.mark.parametrize(
    ("accepted", "is_good"),
    [("", False), ("accept_unencrypted = false\n", False), ("accept_unencrypted = true\n", True)],
)
def test_mail_that_is_not_encrypted_must_be_accepted_in_writing(tmp_path: Path, accepted: str, is_good: bool) -> None:
    text = f'state_dir = "/var/lib/x"\n[services]\na = "{KEY}"\nb = "{OTHER}"\n{MAIL}{accepted}'

    if is_good:
        assert loaded(tmp_path, text).smtp is not None
    else:
        with pytest.raises(SettingsError, match="accept_unencrypted"):
            loaded(tmp_path, text)
