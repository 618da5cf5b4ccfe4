"""Verifies the chains of audit records. Pure: bytes in, findings out.

Theory: a service signs each record and numbers it; each names the SHA-256 of the signed envelope before it. Whoever
sits between (the broker) can then withhold, repeat or reorder records, but not unseen:

    gap        a number is missing, or a chain begins with a link we never saw
    fork       two different records for one place in the chain
    rollback   a run goes on from, or back to, something older than what we already saw
    replay     a record we already passed comes again (or so late that it looks the same)
    forged     not signed by the service it speaks for
    stranger   signed by a key the monitor was not told of

Two repeats are no findings: a service sends its newest record again when it got no confirmation, and the broker
delivers again, marked so, what was not acknowledged. A known record changes nothing, so believing that mark is safe.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from contract.audit import AUDIT_CONTEXT, FIRST_HASH, AuditRecord, EventName
from contract.errors import ProtocolError
from sealing.errors import BadSignature
from sealing.signing import VerifyKey, open_envelope_by

RECENT_LINKS: Final = 64  #: well above any prefetch: redelivered records are always still known
UNKNOWN: Final = "unknown"  #: stands for the service when nobody can say who wrote a record
PAST_CHAINS: Final = 256  #: a replay of a run older than this is seen by its minutes only


class Finding(StrEnum):
    """What can be wrong with a record. `rules.py` has the words for people."""

    FORGED = "forged"
    STRANGER = "stranger"
    GAP = "gap"
    FORK = "fork"
    ROLLBACK = "rollback"
    REPLAY = "replay"
    RESTARTED = "restarted_without_stopping"


@dataclass(frozen=True, slots=True)
class Link:
    """One place in a chain, and the hash of the envelope that took it."""

    chain: UUID
    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Trail:
    """What the monitor remembers of a service. The head is the last of `recent`, which is never empty."""

    recent: tuple[Link, ...]
    past: tuple[UUID, ...] = ()  #: chains of earlier runs
    minute: int = 0  #: the highest any record named
    has_stopped: bool = False  #: the head says "stopping"

    @property
    def head(self) -> Link:
        return self.recent[-1]

    def knows(self, digest: str) -> bool:
        return any(link.digest == digest for link in self.recent)

    def at(self, chain: UUID, number: int) -> Link | None:
        """The link remembered for a place, if any."""
        return next((link for link in self.recent if (link.chain, link.number) == (chain, number)), None)


@dataclass(frozen=True, slots=True)
class Step:
    """What a record leads to. `is_new` is False for repeats: then nothing else may be concluded from the record."""

    trail: Trail
    findings: tuple[Finding, ...] = ()
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that is not believed, and in whose name it came."""

    finding: Finding
    service: str = UNKNOWN


def digest_of(envelope: bytes) -> str:
    """What the next record names as `previous`: SHA-256 of the signed envelope as sent, hexadecimal."""
    return hashlib.sha256(envelope).hexdigest()


def open_record(keys: Mapping[str, VerifyKey], envelope: bytes) -> AuditRecord | Refusal:
    """The record, if the service it speaks for signed it."""
    try:
        signer, body = open_envelope_by(keys.values(), AUDIT_CONTEXT, envelope)
        record = AuditRecord.parse(body)
    except (BadSignature, ProtocolError):
        claimed = _claimed_service(keys, envelope)
        return Refusal(Finding.FORGED, claimed) if claimed else Refusal(Finding.STRANGER)
    if record.service not in keys:
        return Refusal(Finding.STRANGER)
    if keys[record.service] != signer:
        return Refusal(Finding.FORGED, record.service)  # one service speaks in another's name
    return record


def follow(trail: Trail | None, record: AuditRecord, digest: str, *, redelivered: bool = False) -> Step:
    """Where a verified record of a service stands to what we know of that service."""
    link = Link(record.chain, record.number, digest)
    if trail is None:
        findings = () if record.number == 0 and record.previous == FIRST_HASH else (Finding.GAP,)
        return Step(_grown(Trail(recent=(link,)), link, record), findings)
    if trail.knows(digest):
        is_harmless = redelivered or link == trail.head
        return Step(trail, () if is_harmless else (Finding.REPLAY,), is_new=False)
    if record.chain == trail.head.chain:
        return _same_run(trail, link, record)
    if record.chain in trail.past:
        return Step(trail, (Finding.ROLLBACK,), is_new=False)
    return _new_run(trail, link, record)


def _same_run(trail: Trail, link: Link, record: AuditRecord) -> Step:
    if record.number <= trail.head.number:
        taken = trail.at(record.chain, record.number)
        return Step(trail, (Finding.FORK if taken else Finding.REPLAY,), is_new=False)
    if record.number > trail.head.number + 1:
        findings: tuple[Finding, ...] = (Finding.GAP,)
    else:
        findings = () if record.previous == trail.head.digest else (Finding.FORK,)
    return Step(_grown(trail, link, record), findings)


def _new_run(trail: Trail, link: Link, record: AuditRecord) -> Step:
    """Each process start is a chain of its own; it may name the head of the one before."""
    if record.minute is not None and record.minute < trail.minute - 1:
        return Step(trail, (Finding.ROLLBACK,), is_new=False)  # a run from before the one we know
    findings = [] if trail.has_stopped else [Finding.RESTARTED]
    if record.number > 0:
        findings.append(Finding.GAP)
    elif record.previous not in (FIRST_HASH, trail.head.digest):
        findings.append(Finding.ROLLBACK if trail.knows(record.previous) else Finding.GAP)
    past = (*trail.past, trail.head.chain)[-PAST_CHAINS:]
    return Step(_grown(replace(trail, past=past), link, record), tuple(findings))


def _grown(trail: Trail, link: Link, record: AuditRecord) -> Trail:
    recent = trail.recent if link in trail.recent else (*trail.recent, link)
    return replace(
        trail,
        recent=recent[-RECENT_LINKS:],
        minute=max(trail.minute, record.minute or 0),
        has_stopped=record.name is EventName.STOPPING,
    )


def _claimed_service(keys: Mapping[str, VerifyKey], envelope: bytes) -> str | None:
    """Whom an envelope that does not verify says it is from. Believed for the wording of the alert only."""
    try:
        claimed = json.loads(envelope)["by"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return None
    return next((service for service, key in keys.items() if key.hex == claimed), None)
