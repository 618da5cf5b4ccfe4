"""Which announcements count."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import suppress

import pytest
from chassis.inprocess import InProcessBroker
from contract.audit import EventName
from contract.topology import ANNOUNCE, HANDOVER_VHOST, Route, Topology
from handover.directory import WorkerDirectory
from sealing.signing import SigningKey

from tests.unit.handover.conftest import SHORT, House
from tests.unit.handover.scripted_worker import ScriptedWorker


class Street:
    """Two workers, and a directory whose clock a test turns."""

    def __init__(self) -> None:
        self.broker = InProcessBroker(Topology(workers=("worker-1", "worker-2"), lanes=1))
        producer = SigningKey.generate().verify_key
        self.first = ScriptedWorker(self.broker.bus("worker-1", HANDOVER_VHOST), producer)
        self.second = ScriptedWorker(self.broker.bus("worker-2", HANDOVER_VHOST), producer, "worker-2")
        self.now = 1000.0
        self.notices: list[EventName] = []
        keys = {worker.name: worker.key.public for worker in (self.first, self.second)}
        bus = self.broker.bus("source-1", HANDOVER_VHOST)
        self.directory = WorkerDirectory(
            bus, "source-1", keys, lambda: self.now, timings=SHORT, notice=self.notices.append
        )

    def names(self) -> set[str]:
        """Who is ever picked."""
        picked = (self.directory.pick() for _ in range(50))
        return {worker.name for worker in picked if worker is not None}


def is_open(place: Street | House) -> bool:
    """A function, because a type checker takes a property for constant."""
    return place.directory.is_open


@pytest.fixture
def street() -> Iterator[Street]:
    yield Street()


async def test_it_opens_with_the_first_announcement(street: Street) -> None:
    assert not is_open(street)
    assert street.directory.pick() is None

    street.directory.hear(street.first.announcement())

    assert is_open(street)
    assert street.names() == {"worker-1"}


async def test_all_workers_alive_are_picked(street: Street) -> None:
    street.directory.hear(street.first.announcement())
    street.directory.hear(street.second.announcement())

    assert street.names() == {"worker-1", "worker-2"}


async def test_a_worker_unheard_of_for_seven_seconds_is_dead(street: Street) -> None:
    street.directory.hear(street.first.announcement())
    street.now += 6.9
    assert is_open(street)

    street.now += 0.2

    assert not is_open(street)
    assert street.directory.pick() is None


async def test_a_worker_without_a_free_lane_is_alive_but_not_picked(street: Street) -> None:
    street.directory.hear(street.first.announcement(capacity=0))

    assert is_open(street)
    assert street.directory.pick() is None


async def test_a_replayed_announcement_does_not_keep_a_worker_alive(street: Street) -> None:
    recorded = street.first.announcement()
    street.directory.hear(recorded)
    street.now += 8

    street.directory.hear(recorded)

    assert not is_open(street)


async def test_an_older_number_is_refused_even_if_it_is_new_to_us(street: Street) -> None:
    held_back = street.first.announcement(capacity=5)
    street.directory.hear(street.first.announcement(capacity=1))

    street.directory.hear(held_back)

    picked = street.directory.pick()
    assert picked is not None
    assert picked.capacity == 1


async def test_a_restarted_worker_replaces_its_former_instance_for_good(street: Street) -> None:
    street.directory.hear(street.first.announcement())
    former = street.first.announcement()
    young = uuid.uuid4()
    street.directory.hear(street.first.announcement(instance=young, number=0))

    street.directory.hear(former)

    picked = street.directory.pick()
    assert picked is not None
    assert picked.instance == young


async def test_an_announcement_by_an_unknown_key_is_noticed_and_dropped(street: Street) -> None:
    street.directory.hear(street.first.announcement(key=SigningKey.generate()))

    assert not is_open(street)
    assert street.notices == [EventName.FORGED_MESSAGE]


async def test_a_worker_cannot_announce_another(street: Street) -> None:
    street.directory.hear(street.first.announcement(worker="worker-2"))

    assert not is_open(street)
    assert street.notices == [EventName.FORGED_MESSAGE]


@pytest.mark.parametrize("key", ["", "AAAA", "===="])
async def test_an_announcement_without_a_usable_epoch_key_is_dropped(street: Street, key: str) -> None:
    street.directory.hear(street.first.announcement(epoch_key=key))

    assert not is_open(street)


async def test_every_flipped_byte_of_an_announcement_is_seen(street: Street) -> None:
    honest = street.first.announcement()

    for place in range(0, len(honest), 7):
        altered = bytearray(honest)
        altered[place] ^= 1
        street.directory.hear(bytes(altered))

    assert not is_open(street)
    assert len(street.notices) == len(range(0, len(honest), 7))


async def test_what_waited_before_we_listened_does_not_count(street: Street) -> None:
    await street.first.announce()
    running = asyncio.create_task(street.directory.run())
    await asyncio.sleep(0.02)

    assert not is_open(street)
    await street.first.announce()
    await asyncio.sleep(0.02)
    assert is_open(street)

    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_a_lost_connection_forgets_every_worker(house: House) -> None:
    assert is_open(house)

    house.broker.stop()
    house.broker.start()
    await asyncio.sleep(0.03)

    assert not is_open(house)
    await house.worker.announce()
    await asyncio.sleep(0.03)
    assert is_open(house)


async def test_garbage_on_the_announce_queue_harms_nobody(house: House) -> None:
    for garbage in (b"", b"{}", b"[" * 10000, b'{"body":1}'):
        await house.worker.bus.publish(Route(ANNOUNCE), garbage)
    await asyncio.sleep(0.03)

    assert is_open(house)
    assert house.notices == [EventName.FORGED_MESSAGE] * 4
