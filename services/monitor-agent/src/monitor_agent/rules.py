"""What alerts, how loudly, in which words, and how often at most. A table and the function that reads it. Pure.

The words are for an administrator who is woken by them: what happened, what it means, what to do now. `{service}` is
the name of a machine's service; nothing else is ever filled in, so an alert cannot carry what must not be in it.
What is not in the table does not alert.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contract.audit import EventName

from monitor_agent.chain import Finding
from monitor_agent.heartbeat import Change

MINUTE: Final = 60.0
HOUR: Final = 3600.0


class Severity(StrEnum):
    """How soon somebody must look."""

    CRITICAL = "critical"  #: now
    WARNING = "warning"  #: today
    NOTICE = "notice"  #: good to know
    ALL_CLEAR = "all clear"  #: what was wrong has ended


class Own(StrEnum):
    """What the monitor says of itself."""

    STATE_LOST = "monitor_state_lost"


Subject = EventName | Finding | Change | Own


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. Alerts after `threshold` cases within `within` seconds, then not for `quiet` seconds."""

    severity: Severity
    title: str
    happened: str
    meaning: str
    action: str
    quiet: float = HOUR
    threshold: int = 1
    within: float = HOUR


@dataclass(frozen=True, slots=True)
class Alert:
    """What is sent to the administrator. `minute` is UTC, since the epoch, of the monitor's own clock."""

    code: str
    service: str
    severity: Severity
    title: str
    happened: str
    meaning: str
    action: str
    minute: int
    count: int = 1  #: cases since the last alert of this kind


def alert(subject: Subject, service: str, minute: int, count: int = 1) -> Alert:
    """The alert for a subject of the table. Errors: KeyError for one that does not alert."""
    rule = RULES[subject]
    title, happened, meaning, action = (
        text.format(service=service) for text in (rule.title, rule.happened, rule.meaning, rule.action)
    )
    return Alert(subject.value, service, rule.severity, title, happened, meaning, action, minute, count)


_EVENTS: Final[Mapping[Subject, Rule]] = {
    EventName.WORKER_UNAVAILABLE: Rule(
        Severity.CRITICAL,
        "Sources cannot send anything",
        "{service} finds no crypto-worker that is ready.",
        "The pages say that the newsroom is not open, and nothing is accepted. Nothing that was acknowledged is lost.",
        "See whether crypto-worker and the broker on the hub are running, and start what is not.",
        quiet=MINUTE,
    ),
    EventName.WORKER_AVAILABLE: Rule(
        Severity.ALL_CLEAR,
        "Sending works again",
        "{service} has found a crypto-worker that is ready.",
        "The pages take submissions again.",
        "Nothing. If this comes and goes, look at the crypto-worker's machine.",
        quiet=MINUTE,
    ),
    EventName.KEYSET_REFUSED: Rule(
        Severity.CRITICAL,
        "A keyset was refused",
        "{service} was given a keyset that is unsigned, older than one it has seen, or of mixed kinds.",
        "Somebody may be trying to have submissions sealed to a key that is not yours. Nothing was sealed to it.",
        "Compare its keyset with that of the viewing station, digit by digit. Keep the refused file.",
    ),
    EventName.FORGED_MESSAGE: Rule(
        Severity.CRITICAL,
        "A forged message between the machines",
        "{service} got a message whose signature does not verify, and dropped it.",
        "Somebody who controls the hub makes up or changes messages. Or a key was changed on one side only.",
        "If nobody changed keys just now, treat the hub as taken: cut it off, keep its disks, set it up anew.",
        quiet=10 * MINUTE,
    ),
    EventName.RECEIPT_MISMATCH: Rule(
        Severity.CRITICAL,
        "A receipt does not match what was sent",
        "{service} got a signed receipt for something other than it had sent. The source was told: not received.",
        "A crypto-worker does not do what it should: a fault, or it was taken.",
        "Stop the crypto-worker, keep its disk, and set it up anew with a new identity key.",
    ),
    EventName.STORE_FAILED: Rule(
        Severity.CRITICAL,
        "Storing fails",
        "{service} could not write to the vault.",
        "Sources are told that their submission was not received. Nothing that was acknowledged is lost.",
        "Look at the hub: is PostgreSQL running, is there free disk?",
        quiet=10 * MINUTE,
    ),
    EventName.JOURNALIST_LOGIN_FAILED: Rule(
        Severity.WARNING,
        "Many failed logins",
        "{service} has seen at least 10 failed logins of journalists within an hour.",
        "Somebody is guessing, or somebody has trouble with passphrase or code.",
        "Ask the journalists. If it was none of them, replace the onion client keys of those who may have lost one.",
        threshold=10,
    ),
    EventName.TEST_ALERT: Rule(
        Severity.NOTICE,
        "This is a test",
        "{service} was asked to send a test alert.",
        "Audit events reach the monitor, and its alerts reach you.",
        "Nothing.",
        quiet=0,
    ),
}

_TAMPERED: Final = (
    "If no machine was just restored from a backup and no key changed, treat the hub as taken: "
    "compare what {service} did with what you saw, keep the disks, and plan to set it up anew."
)

_FINDINGS: Final[Mapping[Subject, Rule]] = {
    Finding.FORGED: Rule(
        Severity.CRITICAL,
        "A forged audit record",
        "A record in the name of {service} does not carry its signature. It was ignored.",
        "Somebody on the hub makes up records, or an audit key was changed without telling the monitor.",
        _TAMPERED,
    ),
    Finding.STRANGER: Rule(
        Severity.CRITICAL,
        "An audit record from a stranger",
        "A record was signed by a key that the monitor was not told of. It was ignored.",
        "A new service was not entered in the monitor's settings, or somebody on the hub makes up records.",
        "Compare the audit keys of all services with the monitor's settings.",
    ),
    Finding.GAP: Rule(
        Severity.CRITICAL,
        "Audit records are missing",
        "The records of {service} are numbered, and at least one is missing.",
        "Records were lost or withheld on the way. What they said is not known.",
        _TAMPERED,
    ),
    Finding.FORK: Rule(
        Severity.CRITICAL,
        "Two different audit records for one place",
        "{service} has signed two records that exclude each other.",
        "Two copies of it run with one key, its machine was set back to an older state, or its key is in other hands.",
        "See that it runs once only. If it does, treat its machine as taken: set it up with a new audit key.",
    ),
    Finding.ROLLBACK: Rule(
        Severity.CRITICAL,
        "Audit records from an older run",
        "Records of {service} go back behind what the monitor has already seen.",
        "Its machine was set back to an older state, two copies of it run, or somebody plays back old records.",
        "See that it runs once only and was not restored from a backup. " + _TAMPERED,
    ),
    Finding.REPLAY: Rule(
        Severity.CRITICAL,
        "An old audit record came again",
        "A record of {service} that the monitor had passed long ago arrived once more. It was ignored.",
        "Somebody on the hub plays back old records, perhaps to hide that a service is silent.",
        _TAMPERED,
    ),
    Finding.RESTARTED: Rule(
        Severity.WARNING,
        "A service started without having stopped",
        "{service} has begun anew, and its earlier run never said that it was stopping.",
        "It crashed, was killed, lost power, or could not reach the broker when it ended.",
        "If you did not do it yourself, look at its machine. If it happens again, find out why.",
        quiet=10 * MINUTE,
    ),
}

_WATCH: Final[Mapping[Subject, Rule]] = {
    Change.SILENT: Rule(
        Severity.CRITICAL,
        "A service is silent",
        "Nothing has been heard from {service} for more than half a minute.",
        "It is not running, its machine is down, or it cannot reach the broker.",
        "Start it, or its machine. Until then, what it does for sources and journalists does not work.",
        quiet=0,
    ),
    Change.BACK: Rule(
        Severity.ALL_CLEAR,
        "A service is back",
        "{service} is heard again.",
        "It sends audit records as it should.",
        "Nothing.",
        quiet=0,
    ),
    Change.BLIND: Rule(
        Severity.CRITICAL,
        "The monitor hears nothing",
        "The monitor itself cannot reach the broker's audit queue.",
        "It cannot tell whether the services are well. This says nothing about them.",
        "Look at the hub and at the way to it. Until this ends, no other alert will come.",
        quiet=0,
    ),
    Change.SEES_AGAIN: Rule(
        Severity.ALL_CLEAR,
        "The monitor hears again",
        "The monitor reaches the broker's audit queue again.",
        "Records sent in the meantime have waited there, and are now checked.",
        "Nothing.",
        quiet=0,
    ),
    Own.STATE_LOST: Rule(
        Severity.CRITICAL,
        "The monitor lost its memory",
        "The file that says where each audit chain stood could not be read. It was renamed, ending in .broken.",
        "The monitor begins anew: records withheld or played back across this moment would not be seen.",
        "Check the disk of the monitor. If it is well, treat the monitor as taken.",
        quiet=0,
    ),
}

RULES: Final[Mapping[Subject, Rule]] = {**_EVENTS, **_FINDINGS, **_WATCH}
