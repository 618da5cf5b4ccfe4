"""What a hub that withholds, alters, swaps or plays back audit records leads to: an alert, each time."""

from collections.abc import Callable, Iterable

import pytest
from chassis.inprocess import Hop

from tests.integration.monitor.conftest import MISSED_SECONDS, Scene
from tests.integration.monitor.waiting import eventually


def drop_the_third() -> Hop:
    seen: list[bytes] = []

    def hop(_: str, body: bytes) -> Iterable[bytes]:
        seen.append(body)
        return () if len(seen) == 3 else (body,)

    return hop


def flip_a_byte_of_the_third() -> Hop:
    seen: list[bytes] = []

    def hop(_: str, body: bytes) -> Iterable[bytes]:
        seen.append(body)
        place = body.index(b'"body":"') + 40
        altered = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        return (altered,) if len(seen) == 3 else (body,)

    return hop


def play_the_first_back() -> Hop:
    seen: list[bytes] = []

    def hop(_: str, body: bytes) -> Iterable[bytes]:
        seen.append(body)
        return (body, seen[0]) if len(seen) == 4 else (body,)

    return hop


def swap_the_third_and_fourth() -> Hop:
    seen: list[bytes] = []

    def hop(_: str, body: bytes) -> Iterable[bytes]:
        seen.append(body)
        if len(seen) == 3:
            return ()
        return (body, seen[2]) if len(seen) == 4 else (body,)

    return hop


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (drop_the_third, ["gap"]),
        (flip_a_byte_of_the_third, ["forged", "gap"]),
        (play_the_first_back, ["replay"]),
        (swap_the_third_and_fourth, ["gap", "replay"]),
    ],
)
async def test_tampering_is_told(hostile: Scene, tamper: Callable[[], Hop], codes: list[str]) -> None:
    assert hostile.hub.broker is not None
    hostile.hub.broker.hop = tamper()

    async with hostile.monitor(), hostile.trail("source-1"):
        await eventually(lambda: len(hostile.codes()) >= len(codes))
        await hostile.settled("source-1", 6)

    assert hostile.codes() == [(code, "source-1") for code in codes]


async def test_a_hub_that_says_each_record_twice_is_not_told(hostile: Scene) -> None:
    """A service itself sends its newest record again when a confirmation was lost."""
    assert hostile.hub.broker is not None
    hostile.hub.broker.hop = lambda _, body: (body, body)

    async with hostile.monitor(), hostile.trail("source-1"):
        await hostile.settled("source-1", 4)

    assert hostile.alerts() == []


async def test_a_hub_that_plays_back_instead_of_delivering_cannot_hide_a_silent_service(hostile: Scene) -> None:
    assert hostile.hub.broker is not None
    recording: list[bytes] = []

    def hop(_: str, body: bytes) -> Iterable[bytes]:
        recording.append(body)
        return (body,) if len(recording) <= 2 else (recording[0],)

    hostile.hub.broker.hop = hop

    async with hostile.monitor(MISSED_SECONDS), hostile.trail("source-1"):
        await hostile.told("silent", "source-1")

    assert ("replay", "source-1") in hostile.codes()


async def test_a_hub_that_is_away_makes_the_monitor_speak_of_itself_only(hostile: Scene) -> None:
    assert hostile.hub.broker is not None

    async with hostile.monitor(MISSED_SECONDS), hostile.trail("source-1"), hostile.trail("worker-1"):
        await hostile.settled("worker-1", 1)
        hostile.hub.broker.stop()
        await hostile.told("blind", "monitor")
        hostile.hub.broker.start()
        await hostile.told("sees_again", "monitor")
        await hostile.settled("source-1", 8)

    own = [("blind", "monitor"), ("sees_again", "monitor")]
    assert [entry for entry in hostile.codes() if entry[0] != "gap"] == own  # this broker forgets what waited in it


async def test_a_monitor_whose_memory_is_damaged_says_so_and_goes_on(hostile: Scene) -> None:
    hostile.state_dir.mkdir()
    (hostile.state_dir / "trails.json").write_text("{")

    async with hostile.monitor(), hostile.trail("source-1"):
        await hostile.told("monitor_state_lost", "monitor")
        await hostile.settled("source-1", 2)

    assert hostile.codes() == [("monitor_state_lost", "monitor")]
