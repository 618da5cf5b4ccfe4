"""What is written as TOML reads back as it was."""

import tomllib

import pytest
from ctl.toml import to_toml


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "source-1", "demo": False, "port": 5671, "ratio": 0.5, "list": ["a", "b"]},
        {"text": 'quotes " and \\ and é and \u0007', "empty": ""},
        {"top": 1, "broker": {"host": "hub", "files": {"ca.crt": "x y"}}, "workers": {"worker-1": "00"}},
        {},
    ],
)
def test_settings_read_back_as_they_were_written(settings: dict[str, object]) -> None:
    assert tomllib.loads(to_toml(settings)) == settings
