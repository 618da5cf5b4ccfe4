"""What the routes work with: built once by app.py, handed to each router."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from contract.audit import EventName

from journalist_api.keyset import VerifiedKeyset
from journalist_api.login import Login
from journalist_api.sender import Sender
from journalist_api.store import Store


class Audit(Protocol):
    """The part of chassis.audit.AuditTrail used here."""

    def record(self, name: EventName, journalist: UUID | None = None, generation: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Room:
    """Everything a route may use."""

    store: Store
    login: Login
    sender: Sender
    keyset: VerifiedKeyset
    audit: Audit
