"""How often an alert of one kind is sent. Pure: the monotonic clock is handed in.

Theory: the first case is told at once, further ones within the rule's quiet time are counted, and the count is told
when the quiet time ends. So nothing goes unmentioned, and a flood of bad records cannot become a flood of mail.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor_agent.rules import Rule, Subject


@dataclass(frozen=True, slots=True)
class Due:
    """An alert to send now, and how many cases it stands for."""

    subject: Subject
    service: str
    count: int


@dataclass(slots=True)
class _Tally:
    """Cases of one subject at one service."""

    rule: Rule
    times: deque[float] = field(default_factory=deque)  #: untold cases; no more than the threshold are kept
    untold: int = 0
    quiet_until: float = float("-inf")

    def add(self, now: float) -> None:
        while self.times and now - self.times[0] > self.rule.within:
            self.times.popleft()
        if not self.times:
            self.untold = 0  # too few and too long ago to reach the threshold
        self.times.append(now)
        if len(self.times) > self.rule.threshold:
            self.times.popleft()
        self.untold += 1

    def take(self, now: float) -> int:
        """How many cases to tell now; 0 when it is not time."""
        if len(self.times) < self.rule.threshold or now < self.quiet_until:
            return 0
        count, self.untold = self.untold, 0
        self.times.clear()
        self.quiet_until = now + self.rule.quiet
        return count


class Rates:
    """One tally for each subject at each service. Their number is bounded: both come from fixed lists."""

    def __init__(self, rules: Mapping[Subject, Rule]) -> None:
        self._rules = rules
        self._tallies: dict[tuple[Subject, str], _Tally] = {}

    def case(self, subject: Subject, service: str, now: float) -> list[Due]:
        """One more case. Empty when nothing is to be told yet, or the subject has no rule."""
        rule = self._rules.get(subject)
        if rule is None:
            return []
        tally = self._tallies.setdefault((subject, service), _Tally(rule))
        tally.add(now)
        count = tally.take(now)
        return [Due(subject, service, count)] if count else []

    def due(self, now: float) -> list[Due]:
        """What was counted in quiet times that have ended: the latest case last, so that the last word is the truth."""
        waiting = sorted((tally.times[-1], key) for key, tally in self._tallies.items() if tally.times)
        ready = [(key, self._tallies[key].take(now)) for _, key in waiting]
        return [Due(subject, service, count) for (subject, service), count in ready if count]
