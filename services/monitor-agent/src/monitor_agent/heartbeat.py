"""Who has fallen silent, and who is back. Pure: the monotonic clock is handed in with each call.

Theory: silence is counted only while the monitor itself can hear. When its own connection is away, the clocks of the
services stand still, one alert says that the monitor is blind, and all clocks begin anew when it hears again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contract.audit import HEARTBEAT_MISSED_SECONDS

MONITOR: Final = "monitor"  #: stands for the monitor itself where a service is named


class Change(StrEnum):
    """What the watch has noticed."""

    SILENT = "silent"  #: no life sign for too long
    BACK = "back"
    BLIND = "blind"  #: the monitor itself hears nothing
    SEES_AGAIN = "sees_again"


@dataclass(frozen=True, slots=True)
class Notice:
    """One change of one service (or of the monitor itself)."""

    change: Change
    service: str


class Watch:
    """The last life sign of each service. All times are seconds on one monotonic clock."""

    def __init__(self, services: Iterable[str], now: float, missed_after: float = HEARTBEAT_MISSED_SECONDS) -> None:
        self._heard = dict.fromkeys(services, now)
        self._silent: set[str] = set()
        self._missed_after = missed_after
        self._deaf_since: float | None = now  # until the first connection stands
        self._is_blind = False

    def hears(self, now: float) -> list[Notice]:
        """The monitor's own connection stands."""
        if self._deaf_since is None:
            return []
        self._deaf_since = None
        self._heard = dict.fromkeys(self._heard, now)
        was_blind, self._is_blind = self._is_blind, False
        return [Notice(Change.SEES_AGAIN, MONITOR)] if was_blind else []

    def deaf(self, now: float) -> None:
        """The monitor's own connection is away."""
        if self._deaf_since is None:
            self._deaf_since = now

    def alive(self, service: str, now: float) -> list[Notice]:
        """A fresh, verified record of a service has arrived."""
        if service not in self._heard:
            return []
        self._heard[service] = now
        if service not in self._silent:
            return []
        self._silent.remove(service)
        return [Notice(Change.BACK, service)]

    def tick(self, now: float) -> list[Notice]:
        """To be called every second or so: who has newly fallen silent."""
        if self._deaf_since is not None:
            return self._went_blind(now - self._deaf_since)
        late = [name for name, heard in self._heard.items() if now - heard >= self._missed_after]
        newly = [name for name in late if name not in self._silent]
        self._silent.update(newly)
        return [Notice(Change.SILENT, name) for name in newly]

    def _went_blind(self, seconds: float) -> list[Notice]:
        if self._is_blind or seconds < self._missed_after:
            return []
        self._is_blind = True
        return [Notice(Change.BLIND, MONITOR)]
