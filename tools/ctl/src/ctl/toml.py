"""Writes settings as TOML. The standard library only reads it."""

import json
from collections.abc import Mapping


def to_toml(settings: Mapping[str, object]) -> str:
    """Tables nest; values are strings, numbers, booleans or lists of them. A JSON scalar is a TOML one."""
    return "\n".join(_lines(settings, ())) + "\n"


def _lines(table: Mapping[str, object], path: tuple[str, ...]) -> list[str]:
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    lines = [f"[{'.'.join(path)}]"] if path else []
    lines += [f"{_key(key)} = {json.dumps(value)}" for key, value in table.items() if key not in tables]
    for key, value in tables.items():
        lines += ["", *_lines(value, (*path, _key(key)))]
    return lines


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)
