"""The table of rules: complete, readable, and unable to carry more than a service's name."""

import string

import pytest
from contract.audit import EventName
from monitor_agent.chain import Finding
from monitor_agent.heartbeat import Change
from monitor_agent.rules import RULES, Own, Severity, Subject, alert

ROUTINE = {
    EventName.STARTED,
    EventName.STOPPING,
    EventName.HEARTBEAT,
    EventName.KEYSET_LOADED,
    EventName.JOURNALIST_LOGGED_IN,
    EventName.JOURNALIST_LOGGED_OUT,
    EventName.JOURNALIST_REPLIED,
    EventName.JOURNALIST_DELETED,
}


def test_every_event_either_alerts_or_is_listed_here_as_routine() -> None:
    assert {name for name in EventName if name not in RULES} == ROUTINE


@pytest.mark.parametrize("subject", [*Finding, *Change, *Own])
def test_whatever_the_monitor_finds_itself_alerts(subject: Subject) -> None:
    assert subject in RULES


def test_codes_are_all_different() -> None:
    assert len({subject.value for subject in RULES}) == len(RULES)


@pytest.mark.parametrize("subject", RULES)
def test_an_alert_says_what_happened_what_it_means_and_what_to_do(subject: Subject) -> None:
    told = alert(subject, "source-1", minute=29_000_000, count=3)

    for text in (told.title, told.happened, told.meaning, told.action):
        assert text.isascii()
        assert text[0].isupper() or text.startswith("source-1 ")
        assert "{" not in text
    assert all(text.endswith((".", "?")) for text in (told.happened, told.meaning, told.action))
    assert (told.code, told.service, told.minute, told.count) == (subject.value, "source-1", 29_000_000, 3)


@pytest.mark.parametrize("subject", RULES)
def test_nothing_but_the_services_name_is_ever_filled_in(subject: Subject) -> None:
    rule = RULES[subject]

    for text in (rule.title, rule.happened, rule.meaning, rule.action):
        assert {field for _, field, _, _ in string.Formatter().parse(text) if field is not None} <= {"service"}


@pytest.mark.parametrize(
    ("trouble", "end"),
    [
        (EventName.WORKER_UNAVAILABLE, EventName.WORKER_AVAILABLE),
        (Change.SILENT, Change.BACK),
        (Change.BLIND, Change.SEES_AGAIN),
    ],
)
def test_a_state_that_ends_has_its_all_clear(trouble: Subject, end: Subject) -> None:
    assert RULES[trouble].severity is Severity.CRITICAL
    assert RULES[end].severity is Severity.ALL_CLEAR
