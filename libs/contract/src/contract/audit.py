"""Audit events: a fixed list with fixed fields, none of which can name a source, an item, a size or an exact time.

Each process start is one chain: a random chain id, records numbered from 0, each naming the hash of the one before.
The record is signed by the service's audit key (context AUDIT_CONTEXT) and published; the monitor checks the chain.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import Field

from contract.messages import Hex32, Message, Name

AUDIT_CONTEXT: Final = "audit/v1"
FIRST_HASH: Final = "0" * 64  #: `previous` of a chain's first record
HEARTBEAT_SECONDS: Final = 10.0
HEARTBEAT_MISSED_SECONDS: Final = 35.0  #: three heartbeats and a little


class EventName(StrEnum):
    """Everything a service may say. What concerns sources is counted elsewhere, per day and in buckets."""

    STARTED = "started"
    STOPPING = "stopping"
    HEARTBEAT = "heartbeat"
    WORKER_UNAVAILABLE = "worker_unavailable"  #: source pages answer "not open"
    WORKER_AVAILABLE = "worker_available"
    KEYSET_LOADED = "keyset_loaded"
    KEYSET_REFUSED = "keyset_refused"
    FORGED_MESSAGE = "forged_message"  #: a signature or MAC did not verify on an internal hop
    RECEIPT_MISMATCH = "receipt_mismatch"  #: a receipt verified but did not match what was sent
    STORE_FAILED = "store_failed"
    JOURNALIST_LOGGED_IN = "journalist_logged_in"
    JOURNALIST_LOGIN_FAILED = "journalist_login_failed"
    JOURNALIST_LOGGED_OUT = "journalist_logged_out"
    JOURNALIST_REPLIED = "journalist_replied"
    JOURNALIST_DELETED = "journalist_deleted"
    TEST_ALERT = "test_alert"


class AuditRecord(Message):
    """One link of a chain. `minute` is UTC, floored to the minute, and only set for staff and system events."""

    service: Name
    chain: UUID
    number: int = Field(ge=0)
    previous: Hex32
    name: EventName
    minute: int | None = Field(default=None, ge=0)  #: minutes since the epoch
    journalist: UUID | None = None  #: who acted; never a source
    generation: int | None = Field(default=None, ge=1)  #: of a keyset
