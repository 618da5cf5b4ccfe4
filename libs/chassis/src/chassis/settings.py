"""Settings: one TOML file becomes one frozen model. A secret is never in it, only the path of a file that holds it."""

import os
import stat
import tomllib
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from chassis.errors import ChassisError

SECRET_BYTES: Final = 32
_LONGEST_SECRET_FILE: Final = 256  #: a secret is 32 bytes or 64 hex digits; a longer file is some other file


class SettingsError(ChassisError):
    """The file, or a secret it names, cannot be used. Names fields and paths, never values."""


class Settings(BaseModel):
    """Base of each service's settings: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


DEMO_MARKER: Final = "DEMO-STATE-DO-NOT-USE-FOR-REAL-SOURCES"  #: a file of this name marks a demo's directory

M = TypeVar("M", bound=BaseModel)


def load(model: type[M], path: Path) -> M:
    """The TOML file at `path` as a `model`. Errors: SettingsError."""
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: not a readable TOML file ({type(error).__name__})") from None
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise SettingsError(f"{path}: {_faults(error)}") from None


def load_for_service(model: type[M], path: Path) -> M:
    """As `load`, for a process that real sources meet: a demo's keys lie about, so they are refused.

    Errors: SettingsError, also for a file anywhere below a demo's state directory.
    """
    if any((parent / DEMO_MARKER).exists() for parent in path.resolve().parents):
        raise SettingsError(f"{path}: belongs to a demo; its keys were never secret")
    settings = load(model, path)
    if getattr(settings, "demo", False):
        raise SettingsError(f"{path}: demo: only the demo itself may be one")
    return settings


def _faults(error: ValidationError) -> str:
    """Where and of what kind, without the values that were written there."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, fault['loc'])) or 'settings'}: {fault['type']}" for fault in faults)


def read_secret(path: Path) -> bytes:
    """The 32 bytes of a secret file.

    Shape: 32 raw bytes, or 64 hexadecimal digits with white space around them.
    Errors: SettingsError if the file is missing, another shape, or readable by anyone but its owner.
    """
    try:
        with path.open("rb") as file:
            # Asked of the open file, not of the path: nobody can swap the file between the two.
            mode = os.fstat(file.fileno()).st_mode
            raw = file.read(_LONGEST_SECRET_FILE + 1)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({type(error).__name__})") from None
    if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
        raise SettingsError(f"{path}: a secret is a regular file that only its owner may read")
    return _secret(raw, path)


def _secret(raw: bytes, path: Path) -> bytes:
    if len(raw) == SECRET_BYTES:
        return raw
    try:
        secret = bytes.fromhex(raw.decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SettingsError(f"{path}: a secret is 32 bytes, raw or as 64 hexadecimal digits")
    return secret
