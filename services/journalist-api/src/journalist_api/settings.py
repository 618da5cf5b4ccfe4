"""What journalist-api is told: who it is, whom it trusts, where its keys, its keyset and its web app lie."""

from pathlib import Path

from chassis.amqp_line import AmqpSettings
from chassis.postgres import DatabaseSettings
from chassis.settings import Settings
from contract.messages import Hex32, Name
from pydantic import Field


class JournalistSettings(Settings):
    """The whole of the settings file. Every key file holds 32 bytes that only its owner may read."""

    name: Name  #: as producer of replies: names the queues of its own
    listen: str  #: path of a unix socket, or "address:port" of loopback
    signing_key_file: Path  #: Ed25519 seed; workers pin its public half for replies
    audit_key_file: Path  #: Ed25519 seed; the monitor pins its public half
    totp_key_file: Path  #: TOTP secrets are sealed under it in the database
    workers: dict[Name, Hex32] = Field(min_length=1)  #: Ed25519 public key of each crypto-worker
    root_public_key: Hex32  #: the newsroom's
    keyset_file: Path  #: the signed keyset, handed to the web app
    spa_dir: Path  #: the built web app and its pins.json; read once, at start
    demo: bool = False  #: adds /api/v1/openapi.json; the web app's banner comes from pins.json


class ProcessSettings(JournalistSettings):
    """For a process of its own: where the broker and the database are."""

    broker: AmqpSettings
    database: DatabaseSettings
