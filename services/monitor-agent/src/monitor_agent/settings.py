"""What the monitor is told: whom to expect, with which audit keys, and where alerts go."""

from pathlib import Path
from typing import Literal

from chassis.settings import Settings
from contract.audit import HEARTBEAT_MISSED_SECONDS
from contract.messages import Hex32, Name
from pydantic import Field, field_validator


class Smtp(Settings):
    """How alerts are mailed."""

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    starttls: bool = True  #: False only towards a relay on this machine
    ca_file: Path | None = None
    user: str | None = None
    password_file: Path | None = None
    sender: str
    recipient: str
    accept_unencrypted: Literal[True]  #: mail is not encrypted yet; whoever sets this has read that


class MonitorSettings(Settings):
    """The whole of the settings file."""

    services: dict[Name, Hex32] = Field(min_length=1)  #: Ed25519 audit public key of each service, hexadecimal
    state_dir: Path  #: chain heads, and the file of alerts
    heartbeat_missed_seconds: float = Field(default=HEARTBEAT_MISSED_SECONDS, gt=0)
    smtp: Smtp | None = None

    @field_validator("services")
    @classmethod
    def _keys_differ(cls, services: dict[str, str]) -> dict[str, str]:
        """With one key for two services, either could speak for the other."""
        if len(set(services.values())) != len(services):
            raise ValueError("two services share an audit key")
        return services
