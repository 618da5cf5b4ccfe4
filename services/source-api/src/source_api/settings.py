"""What source-api is told: who it is, whom it trusts, where its keys and its copy of the keyset lie, its bounds."""

from pathlib import Path

from chassis.amqp_line import AmqpSettings
from chassis.postgres import DatabaseSettings
from chassis.settings import Settings
from contract.limits import MIB, REQUEST_BYTES
from contract.messages import Hex32, Name
from pydantic import Field


class SourceSettings(Settings):
    """What `serve` needs. Every key file holds 32 bytes that only its owner may read."""

    name: Name  #: as producer of submissions: names the queues of its own
    listen: str  #: path of a unix socket, or "address:port" of loopback
    newsroom: str = Field(min_length=1, max_length=100)  #: as the pages call it
    deployment_id: str = Field(min_length=1)  #: salts the codenames; never changed once sources exist
    pepper_file: Path  #: keys what a codename gives; never changed, and kept out of the database's backups
    form_key_file: Path  #: form tokens; one key for all source machines
    signing_key_file: Path  #: Ed25519 seed; workers pin its public half for submissions
    audit_key_file: Path  #: Ed25519 seed; the monitor pins its public half
    workers: dict[Name, Hex32] = Field(min_length=1)  #: Ed25519 public key of each crypto-worker
    root_public_key: Hex32  #: the newsroom's
    keyset_file: Path  #: the signed keyset: a copy, without which nothing is accepted
    demo: bool = False  #: a banner on every page
    expects_proxy_line: bool = False  #: tor's HiddenServiceExportCircuitID haproxy
    cookie_name: str = Field(default="source", pattern=r"^[a-z_]{1,32}$")
    max_request_bytes: int = Field(default=REQUEST_BYTES, ge=MIB)
    drain_bytes_per_second: int = Field(default=32 * MIB, ge=1)  #: at which a refused body is read and dropped
    drain_most_bytes: int = Field(default=2 * REQUEST_BYTES, ge=0)  #: of a refused body; what is longer is cut off
    most_uploads: int = Field(default=64, ge=1)  #: at once
    most_uploads_per_circuit: int = Field(default=2, ge=1)
    most_sessions: int = Field(default=2000, ge=1)
    idle_minutes: int = Field(default=60, ge=1)
    absolute_minutes: int = Field(default=480, ge=1)


class ProcessSettings(SourceSettings):
    """For a process of its own: where the broker and the database are."""

    broker: AmqpSettings
    database: DatabaseSettings
