"""Silence and return, with a clock in hand."""

from monitor_agent.heartbeat import MONITOR, Change, Notice, Watch

LIMIT = 35.0


def listening_watch(*services: str) -> Watch:
    watch = Watch(services, now=0.0, missed_after=LIMIT)
    assert watch.hears(0.0) == []
    return watch


def test_a_service_that_beats_is_never_silent() -> None:
    watch = listening_watch("source-1")

    for now in range(0, 600, 10):
        assert watch.alive("source-1", float(now)) == []
        assert watch.tick(now + 9.0) == []


def test_a_service_is_silent_exactly_at_the_limit_and_told_once() -> None:
    watch = listening_watch("source-1", "worker-1")
    watch.alive("source-1", 100.0)
    watch.alive("worker-1", 130.0)

    assert watch.tick(100.0 + LIMIT - 0.1) == []
    assert watch.tick(100.0 + LIMIT) == [Notice(Change.SILENT, "source-1")]
    assert watch.tick(100.0 + LIMIT + 20) == []


def test_a_service_that_is_back_is_told_once_and_watched_again() -> None:
    watch = listening_watch("source-1")
    watch.tick(LIMIT)

    assert watch.alive("source-1", 50.0) == [Notice(Change.BACK, "source-1")]
    assert watch.alive("source-1", 51.0) == []
    assert watch.tick(51.0 + LIMIT) == [Notice(Change.SILENT, "source-1")]


def test_a_service_never_heard_since_the_start_is_silent() -> None:
    assert listening_watch("source-1").tick(LIMIT) == [Notice(Change.SILENT, "source-1")]


def test_a_deaf_monitor_speaks_of_itself_and_of_nobody_else() -> None:
    watch = listening_watch("source-1", "worker-1")
    watch.deaf(10.0)

    assert watch.tick(10.0 + LIMIT - 1) == []
    assert watch.tick(10.0 + LIMIT) == [Notice(Change.BLIND, MONITOR)]
    assert watch.tick(1000.0) == []


def test_clocks_begin_anew_when_the_monitor_hears_again() -> None:
    watch = listening_watch("source-1")
    watch.deaf(10.0)
    watch.tick(100.0)

    assert watch.hears(100.0) == [Notice(Change.SEES_AGAIN, MONITOR)]
    assert watch.tick(100.0 + LIMIT - 1) == []
    assert watch.tick(100.0 + LIMIT) == [Notice(Change.SILENT, "source-1")]


def test_a_short_interruption_of_the_monitor_is_not_told() -> None:
    watch = listening_watch("source-1")
    watch.deaf(10.0)
    watch.deaf(12.0)

    assert watch.hears(13.0) == []


def test_a_monitor_that_never_got_through_is_blind() -> None:
    assert Watch(["source-1"], now=0.0, missed_after=LIMIT).tick(LIMIT) == [Notice(Change.BLIND, MONITOR)]


def test_a_service_nobody_told_us_of_changes_nothing() -> None:
    assert listening_watch("source-1").alive("source-9", 1.0) == []
