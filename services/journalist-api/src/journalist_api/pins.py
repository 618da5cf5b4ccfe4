"""pins.json: what the web app trusts. Written beside it at deployment, compared with the settings at each start. Pure.

spa/README.md says why the browser does not take these keys from the API.
"""

import json

from contract.messages import Hex32, Name
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sealing.keyset import Keyset

from journalist_api.settings import JournalistSettings


class PinsError(Exception):
    """pins.json is malformed or disagrees with the settings."""


class Pins(BaseModel):
    """The file. `keyset_generation`: the web app refuses keysets older than this one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    demo: bool
    keyset_generation: int = Field(ge=1)
    newsroom: str
    root_public_key: Hex32
    workers: dict[Name, Hex32] = Field(min_length=1)


def pins_of(settings: JournalistSettings, keyset: Keyset) -> Pins:
    """What the file must say for these settings."""
    return Pins(
        demo=settings.demo,
        keyset_generation=keyset.generation,
        newsroom=keyset.newsroom,
        root_public_key=settings.root_public_key,
        workers=settings.workers,
    )


def pins_json(pins: Pins) -> bytes:
    """The file's bytes."""
    return json.dumps(pins.model_dump(mode="json"), indent=2, sort_keys=True).encode() + b"\n"


def check_pins(blob: bytes, settings: JournalistSettings, keyset: Keyset) -> None:
    """Errors: PinsError unless the file pins the same keys, and no generation newer than the keyset's."""
    try:
        pins = Pins.model_validate_json(blob)
    except ValidationError:
        raise PinsError("pins.json is malformed") from None
    expected = pins_of(settings, keyset)
    if pins.model_copy(update={"keyset_generation": keyset.generation}) != expected:
        raise PinsError("pins.json disagrees with the settings or the keyset")
    if pins.keyset_generation > keyset.generation:
        raise PinsError("the keyset is older than pins.json allows")
