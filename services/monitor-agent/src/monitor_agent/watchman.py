"""What the monitor makes of what it hears: chain, watch, rules and rates put together. Pure: clocks are handed in.

Everything returns the alerts to send now. Nothing here waits, writes or reads a clock.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from contract.audit import AuditRecord, EventName
from sealing.signing import VerifyKey

from monitor_agent import chain, rules
from monitor_agent.chain import Refusal, Trail
from monitor_agent.heartbeat import MONITOR, Notice, Watch
from monitor_agent.rates import Due, Rates
from monitor_agent.rules import Alert, Own, Subject

FRESH_MINUTES: Final = 2  #: an older record waited in the queue: checked as any, but no sign of life


class Watchman:
    """One monitor's judgement."""

    def __init__(
        self,
        keys: Mapping[str, VerifyKey],
        trails: Mapping[str, Trail],
        watch: Watch,
        monotonic: Callable[[], float],
        minute: Callable[[], int],
    ) -> None:
        self._keys = dict(keys)
        self.trails = dict(trails)
        self._watch = watch
        self._rates = Rates(rules.RULES)
        self._well: dict[str, bool] = {}  #: can sources send? Only where we heard it since the service began
        self._monotonic = monotonic
        self._minute = minute

    def record(self, envelope: bytes, *, redelivered: bool) -> list[Alert]:
        """One delivery of the audit queue."""
        record = chain.open_record(self._keys, envelope)
        if isinstance(record, Refusal):
            return self._cases([record.finding], record.service)
        service, digest = record.service, chain.digest_of(envelope)
        step = chain.follow(self.trails.get(service), record, digest, redelivered=redelivered)
        self.trails[service] = step.trail
        if not step.is_new:
            return self._cases(step.findings, service)
        notices = self._watch.alive(service, self._monotonic()) if self._is_fresh(record) else []
        said = [] if self._goes_without_saying(record) else [record.name]
        return self._notices(notices) + self._cases([*step.findings, *said], service)

    def hears(self) -> list[Alert]:
        """The audit queue is being consumed."""
        return self._notices(self._watch.hears(self._monotonic()))

    def deaf(self) -> None:
        """The audit queue cannot be consumed."""
        self._watch.deaf(self._monotonic())

    def tick(self) -> list[Alert]:
        """Once a second: who is silent, and what quiet times have ended."""
        now = self._monotonic()
        return self._notices(self._watch.tick(now)) + self._told(self._rates.due(now))

    def state_lost(self) -> list[Alert]:
        return self._cases([Own.STATE_LOST], MONITOR)

    def _goes_without_saying(self, record: AuditRecord) -> bool:
        """A service that starts and finds its worker has recovered from nothing: no all clear."""
        was_well = self._well.setdefault(record.service, True) if record.number == 0 else self._well.get(record.service)
        if record.name is EventName.WORKER_UNAVAILABLE:
            self._well[record.service] = False
        elif record.name is EventName.WORKER_AVAILABLE:
            self._well[record.service] = True
            return was_well is True
        return False

    def _is_fresh(self, record: AuditRecord) -> bool:
        """A record without a minute says nothing about when it was made."""
        return record.minute is not None and self._minute() - record.minute <= FRESH_MINUTES

    def _notices(self, notices: Iterable[Notice]) -> list[Alert]:
        return [alert for notice in notices for alert in self._cases([notice.change], notice.service)]

    def _cases(self, subjects: Iterable[Subject], service: str) -> list[Alert]:
        now = self._monotonic()
        return [alert for subject in subjects for alert in self._told(self._rates.case(subject, service, now))]

    def _told(self, dues: Iterable[Due]) -> list[Alert]:
        return [rules.alert(due.subject, due.service, self._minute(), due.count) for due in dues]
