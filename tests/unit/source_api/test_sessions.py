"""Sessions live in memory, for a while, and there are only so many."""

import asyncio
from typing import Any
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
    first.source.is_known = True
    sessions.find(second.id)

    fourth = sessions.begin()

    assert [sessions.find(session.id) for session in (first, second, third, fourth)] == [first, second, None, fourth]


def test_a_house_full_of_unwritten_codenames_takes_nobody_more() -> None:
    sessions = make(Clock(), most=1)
    session = sessions.begin()
    session.source = a_source()
    session.source.is_known = True

    with pytest.raises(SessionsFull):
        sessions.begin()


def test_a_house_full_of_logged_in_visitors_forgets_the_one_idle_longest() -> None:
    """One visitor who logs in often enough must not lock all others out."""
    sessions = make(Clock(), most=2)
    first, second = sessions.begin(), sessions.begin()
    for session in (first, second):
        session.source = a_source()
        session.source.is_known, session.source.codename = True, None

    third = sessions.begin()

    assert (sessions.find(first.id), sessions.find(second.id)) == (None, second)
    third.uploads = second.uploads = 1
    with pytest.raises(SessionsFull):
        sessions.begin()


def test_a_codename_under_which_nothing_is_stored_keeps_no_room() -> None:
    sessions = make(Clock(), most=1)
    first = sessions.begin()
    first.source = a_source()

    assert sessions.find(sessions.begin().id)
    assert sessions.find(first.id) is None


async def test_a_session_with_an_open_outcome_is_not_forgotten() -> None:
    async def never() -> None:
        await asyncio.sleep(60)

    sessions = make(Clock(), most=1)
    session = sessions.begin()
    session.source = a_source()
    settlement: asyncio.Task[Any] = asyncio.create_task(never())
    session.form("f").settlement = settlement

    with pytest.raises(SessionsFull):
        sessions.begin()
    settlement.cancel()


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
