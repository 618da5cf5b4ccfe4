"""Sessions live in memory, for a while, and there are only so many."""

from uuid import uuid4

import pytest
from source_api.sessions import Running, Sessions, SessionsFull, Source

from tests.unit.source_api.fakes import Clock, forgotten, quick_derive

IDLE, ABSOLUTE = 3600.0, 8 * 3600.0


def make(clock: Clock, most: int = 3) -> Sessions:
    return Sessions(most, IDLE, ABSOLUTE, clock)


def a_source() -> Source:
    return Source(quick_derive("word", b"", b""), uuid4(), "word")


def test_a_session_id_carries_256_random_bits() -> None:
    sessions = make(Clock())

    ids = {sessions.begin().id for _ in range(3)}

    assert len(ids) == 3
    assert all(len(text) == 43 for text in ids)


def test_a_session_ends_after_an_idle_hour() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin()

    clock.now += IDLE
    assert sessions.find(session.id) is session
    clock.now += IDLE + 1
    assert sessions.find(session.id) is None


def test_a_session_in_use_ends_after_eight_hours() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin()

    for _ in range(8):
        clock.now += IDLE
        assert sessions.find(session.id) is session
    clock.now += 1

    assert sessions.find(session.id) is None


def test_a_running_upload_keeps_its_session_and_idleness_begins_when_it_ends() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin()
    session.uploads = 1

    clock.now += 2 * IDLE
    sessions.sweep()
    session.uploads = 0
    sessions.touch(session)

    assert sessions.find(session.id) is session


def test_ending_a_session_forgets_what_it_knew_and_stops_its_uploads() -> None:
    sessions = make(Clock())
    session = sessions.begin()
    session.source = a_source()
    running = Running()
    session.form("f").running = running

    sessions.end(session)

    assert sessions.find(session.id) is None
    assert forgotten(session.source)
    assert running.is_superseded.is_set()


def test_a_full_house_forgets_the_visitor_idle_longest_who_has_nothing_to_lose() -> None:
    clock = Clock()
    sessions = make(clock)
    first, second, third = sessions.begin(), sessions.begin(), sessions.begin()
    first.source = a_source()
    sessions.find(second.id)

    fourth = sessions.begin()

    assert [sessions.find(session.id) for session in (first, second, third, fourth)] == [first, second, None, fourth]


def test_a_house_full_of_sources_takes_nobody_more() -> None:
    sessions = make(Clock(), most=1)
    sessions.begin().source = a_source()

    with pytest.raises(SessionsFull):
        sessions.begin()


def test_sweeping_ends_sessions_nobody_asks_for() -> None:
    clock = Clock()
    sessions = make(clock)
    session = sessions.begin()
    session.source = a_source()

    clock.now += IDLE + 1
    sessions.sweep()

    assert len(sessions) == 0
    assert forgotten(session.source)


def test_a_session_remembers_a_bounded_number_of_forms_and_never_forgets_a_running_one() -> None:
    session = make(Clock()).begin()
    running = session.form("running")
    running.running = Running()

    for number in range(100):
        session.form(str(number))

    assert len(session.forms) == 32
    assert session.form("running") is running


def test_a_session_shows_nothing_when_printed() -> None:
    session = make(Clock()).begin()
    session.source = a_source()

    assert session.id not in repr(session)
    assert "word" not in repr(session.source)
