"""A flood of cases becomes few alerts, and none goes unmentioned."""

from contract.audit import EventName
from monitor_agent.rates import Due, Rates
from monitor_agent.rules import RULES, Rule, Severity, Subject

ONE = EventName.FORGED_MESSAGE
TWO = EventName.STORE_FAILED


def rates(*, quiet: float = 60.0, threshold: int = 1, within: float = 100.0) -> Rates:
    rule = Rule(Severity.WARNING, "", "", "", "", quiet=quiet, threshold=threshold, within=within)
    rules: dict[Subject, Rule] = {ONE: rule, TWO: rule}
    return Rates(rules)


def test_the_first_case_is_told_at_once() -> None:
    assert rates().case(ONE, "source-1", 0.0) == [Due(ONE, "source-1", 1)]


def test_cases_in_the_quiet_time_are_counted_and_told_when_it_ends() -> None:
    some = rates()
    some.case(ONE, "source-1", 0.0)

    assert [some.case(ONE, "source-1", 1.0 + second) for second in range(37)] == [[]] * 37
    assert some.due(59.9) == []
    assert some.due(60.0) == [Due(ONE, "source-1", 37)]
    assert some.due(1000.0) == []


def test_a_flood_of_a_thousand_cases_is_two_alerts_in_its_first_two_minutes() -> None:
    some = rates()

    told = [due for tenth in range(1000) for due in some.case(ONE, "source-1", tenth / 10)]

    assert [due.count for due in told] == [1, 600]


def test_services_and_subjects_do_not_hush_each_other() -> None:
    some = rates()
    some.case(ONE, "source-1", 0.0)

    assert some.case(ONE, "worker-1", 0.0)
    assert some.case(TWO, "source-1", 0.0)


def test_a_threshold_is_reached_only_by_cases_close_together() -> None:
    some = rates(threshold=3, within=10.0)

    assert [some.case(ONE, "source-1", now) for now in (0.0, 9.0, 18.0, 27.0)] == [[]] * 4
    assert some.case(ONE, "source-1", 28.0) == [Due(ONE, "source-1", 5)]


def test_cases_below_the_threshold_are_forgotten() -> None:
    some = rates(threshold=3, within=10.0)
    some.case(ONE, "source-1", 0.0)
    some.case(ONE, "source-1", 100.0)
    some.case(ONE, "source-1", 101.0)

    assert some.case(ONE, "source-1", 102.0) == [Due(ONE, "source-1", 3)]


def test_the_latest_case_is_told_last() -> None:
    some = rates()
    for subject, now in ((ONE, 0.0), (TWO, 1.0), (TWO, 10.0), (ONE, 20.0)):
        some.case(subject, "source-1", now)

    assert [due.subject for due in some.due(100.0)] == [TWO, ONE]


def test_what_has_no_rule_is_not_counted() -> None:
    assert Rates(RULES).case(EventName.HEARTBEAT, "source-1", 0.0) == []
