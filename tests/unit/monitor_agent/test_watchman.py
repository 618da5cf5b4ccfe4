"""Chain, watch, rules and rates together: from a delivery to the alerts it causes, clocks in hand."""

from uuid import uuid4

from contract.audit import AUDIT_CONTEXT, FIRST_HASH, AuditRecord, EventName
from monitor_agent.chain import digest_of
from monitor_agent.heartbeat import Watch
from monitor_agent.watchman import FRESH_MINUTES, Watchman
from sealing.signing import SigningKey, sign_envelope

KEY = SigningKey(bytes([1]) * 32)
MINUTE = 29_000_000


class Scene:
    """A watchman, one service that speaks, and the two clocks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.minute = MINUTE
        self.chain = uuid4()
        self.number = 0
        self.previous = FIRST_HASH
        watch = Watch(["source-1"], 0.0)
        self.watchman = Watchman({"source-1": KEY.verify_key}, {}, watch, lambda: self.seconds, lambda: self.minute)
        self.watchman.hears()

    def envelope(self, name: EventName, minute: int | None = None) -> bytes:
        record = AuditRecord(
            service="source-1",
            chain=self.chain,
            number=self.number,
            previous=self.previous,
            name=name,
            minute=self.minute if minute is None else minute,
        )
        sealed = sign_envelope(KEY, AUDIT_CONTEXT, record.body())
        self.number += 1
        self.previous = digest_of(sealed)
        return sealed

    def says(self, name: EventName, minute: int | None = None) -> list[str]:
        return self.hears(self.envelope(name, minute))

    def hears(self, envelope: bytes, *, redelivered: bool = False) -> list[str]:
        return [alert.code for alert in self.watchman.record(envelope, redelivered=redelivered)]

    def ticks(self, seconds: float) -> list[str]:
        self.seconds += seconds
        return [alert.code for alert in self.watchman.tick()]


def test_a_quiet_day_has_no_alerts() -> None:
    scene = Scene()
    scene.says(EventName.STARTED)

    for _ in range(1000):
        assert scene.ticks(10) == []
        assert scene.says(EventName.HEARTBEAT) == []


def test_a_service_that_starts_and_finds_its_worker_sends_no_all_clear() -> None:
    scene = Scene()

    assert scene.says(EventName.STARTED) == []
    assert scene.says(EventName.WORKER_AVAILABLE) == []


def test_an_all_clear_follows_trouble_also_across_a_restart_of_the_service() -> None:
    scene = Scene()
    scene.says(EventName.STARTED)

    assert scene.says(EventName.WORKER_UNAVAILABLE) == ["worker_unavailable"]
    scene.chain, scene.number, scene.previous = uuid4(), 0, FIRST_HASH
    scene.says(EventName.STARTED)
    assert scene.says(EventName.WORKER_AVAILABLE) == ["worker_available"]


def test_a_monitor_that_began_in_the_middle_tells_the_all_clear() -> None:
    scene = Scene()
    for name in (EventName.STARTED, EventName.WORKER_UNAVAILABLE):
        scene.envelope(name)

    assert "worker_available" in scene.says(EventName.WORKER_AVAILABLE)


def test_an_event_of_the_table_alerts_once_and_its_repeats_are_counted() -> None:
    scene = Scene()

    assert scene.says(EventName.STORE_FAILED) == ["store_failed"]
    assert scene.says(EventName.STORE_FAILED) == []
    scene.seconds += 10
    assert scene.says(EventName.HEARTBEAT) == []
    scene.seconds += 600
    scene.says(EventName.HEARTBEAT)
    (alert,) = scene.watchman.tick()
    assert (alert.code, alert.count) == ("store_failed", 1)


def test_a_replayed_event_does_not_alert_as_if_it_had_happened_again() -> None:
    scene = Scene()
    envelope = scene.envelope(EventName.TEST_ALERT)
    scene.hears(envelope)
    scene.says(EventName.HEARTBEAT)

    assert scene.hears(envelope) == ["replay"]
    assert scene.hears(envelope, redelivered=True) == []


def test_replayed_heartbeats_do_not_hide_a_dead_service() -> None:
    scene = Scene()
    recording = [scene.envelope(EventName.HEARTBEAT) for _ in range(3)]
    for envelope in recording:
        scene.hears(envelope)

    told = [code for _ in range(40) for code in (scene.hears(recording[0]) + scene.ticks(1))]

    assert "silent" in told


def test_heartbeats_held_back_on_the_way_are_no_sign_of_life() -> None:
    scene = Scene()
    held_back = [scene.envelope(EventName.HEARTBEAT) for _ in range(5)]
    scene.minute += FRESH_MINUTES + 1

    assert scene.ticks(35) == ["silent"]
    assert [scene.hears(envelope) for envelope in held_back] == [[]] * 5
    assert scene.says(EventName.HEARTBEAT) == ["back"]


def test_a_gap_and_the_event_behind_it_are_both_told() -> None:
    scene = Scene()
    scene.says(EventName.STARTED)
    scene.envelope(EventName.FORGED_MESSAGE)

    assert scene.says(EventName.STORE_FAILED) == ["gap", "store_failed"]


def test_a_flood_of_garbage_is_one_alert_and_a_count() -> None:
    scene = Scene()

    told = [code for number in range(1000) for code in scene.hears(b"garbage %d" % number)]

    assert told == ["stranger"]
    scene.seconds += 3600
    assert [(alert.code, alert.count) for alert in scene.watchman.tick()][-1] == ("stranger", 999)


def test_a_lost_memory_is_told() -> None:
    assert [alert.code for alert in Scene().watchman.state_lost()] == ["monitor_state_lost"]
