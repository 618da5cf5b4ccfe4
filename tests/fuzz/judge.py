"""What every answer to nonsense must hold, and what a service's log may say after it."""

import json
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

from chassis.web.headers import HeaderList

from tests.fuzz.wire import Answer, Exchange, NotAnAnswer, answers

CSP: Final = "content-security-policy"
TELLTALE: Final = ("server", "date", "x-powered-by", "last-modified")
MOST_SECONDS: Final = 40.0
UNFORESEEN: Final = ("unexpected_error", "uncaught_error")


class Judge:
    """`policies` are the header lists a service may answer with: one of them, whole."""

    def __init__(self, policies: Sequence[HeaderList], intended: Iterable[bytes]) -> None:
        self._policies = [{name.decode(): value.decode() for name, value in policy} for policy in policies]
        self._intended = tuple(intended)

    def complaints(self, result: Exchange, *, may_be_lost: bool = False) -> list[str]:
        """Empty when all is as it should be. `may_be_lost`: it asked to be told first and did not wait for it."""
        found = [] if result.has_ended else ["the connection did not end"]
        if result.seconds > MOST_SECONDS:
            found.append("it took too long")
        if result.was_dropped and not may_be_lost:
            found.append("ended without an answer")
        try:
            given = answers(result.received)
        except NotAnAnswer as error:
            return [*found, f"not an answer: {error}"]
        return found + [complaint for answer in given if answer.status >= 200 for complaint in self._of(answer)]

    def _of(self, answer: Answer) -> list[str]:
        headers = dict(answer.headers)
        found = [f"{answer.status} names {name}" for name in TELLTALE if name in headers]
        if not any(policy.items() <= headers.items() for policy in self._policies):
            found.append(f"{answer.status} lacks security headers: {sorted(headers)}")
        if b"Traceback" in answer.body:
            found.append("a traceback in the answer")
        is_intended = answer.status == 503 and any(mark in answer.body for mark in self._intended)
        if answer.status >= 500 and not is_intended:
            found.append(f"status {answer.status}: {answer.body[:200]!r}")
        return found


def log_complaints(log: Path, service: str, allowed: Iterable[type[Enum]]) -> list[str]:
    """Lines of the log that are not JSON with a name from the lists, or speak of an error nobody expected."""
    names = {str(name.value) for names in allowed for name in names} - set(UNFORESEEN)
    return [line for line in log.read_text("utf-8", "replace").splitlines() if not _is_harmless(line, service, names)]


def _is_harmless(line: str, service: str, names: set[str]) -> bool:
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return said.get("service") == service and (said.get("event") or said.get("count")) in names
