"""The broker's fixed shape: every exchange, queue and right there is (docs/protocol.md, "Topology").

Nobody declares anything at run time; deploy/rabbitmq renders this into definitions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HANDOVER_VHOST: Final = "handover"
AUDIT_VHOST: Final = "audit"

ANNOUNCE: Final = "announce"  #: fanout: workers to all producers
WORK: Final = "work"  #: direct: producers to one worker
LANES: Final = "lanes"  #: direct: producers to one lane
ANSWERS: Final = "answers"  #: direct: workers to one producer
AUDIT: Final = "audit"  #: direct: every service to the monitor
AUDIT_QUEUE: Final = "audit.events"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message is published."""

    exchange: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of the definitions and the one binding that feeds it."""

    vhost: str
    name: str
    exchange: str
    key: str
    arguments: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What one broker user may do in one vhost: regular expressions as RabbitMQ takes them."""

    user: str
    vhost: str
    write: str
    read: str
    configure: str = "^$"


def announce_queue(producer: str) -> str:
    return f"announce.{producer}"


def answers_queue(producer: str) -> str:
    return f"answers.{producer}"


def work_queue(worker: str) -> str:
    return f"work.{worker}"


def lane_name(worker: str, number: int) -> str:
    """A lane's own name, used as routing key and (behind "lane.") as queue name."""
    return f"{worker}-{number}"


def lane_queue(lane: str) -> str:
    return f"lane.{lane}"


@dataclass(frozen=True, slots=True)
class Topology:
    """All names follow from who takes part."""

    sources: tuple[str, ...] = ("source-1",)  #: source-api machines: producers of submissions
    journalists: tuple[str, ...] = ("journalist-1",)  #: journalist-api machines: producers of replies
    workers: tuple[str, ...] = ("worker-1",)
    lanes: int = 16  #: per worker: uploads it takes at once
    monitor: str = "monitor"

    @property
    def producers(self) -> tuple[str, ...]:
        return self.sources + self.journalists

    def queues(self) -> Iterator[Queue]:
        """Every queue there is. Lanes hold more than the credit ever allows; the bound is a net, not flow control."""
        short = (("x-max-length", 100), ("x-overflow", "drop-head"), ("x-message-ttl", 15_000))
        for producer in self.producers:
            yield Queue(HANDOVER_VHOST, announce_queue(producer), ANNOUNCE, "", short)
            yield Queue(HANDOVER_VHOST, answers_queue(producer), ANSWERS, producer, (("x-message-ttl", 60_000),))
        for worker in self.workers:
            yield Queue(HANDOVER_VHOST, work_queue(worker), WORK, worker, (("x-message-ttl", 15_000),))
            for number in range(self.lanes):
                lane = lane_name(worker, number)
                bound = (("x-max-length", 256), ("x-overflow", "reject-publish"))
                yield Queue(HANDOVER_VHOST, lane_queue(lane), LANES, lane, bound)
        yield Queue(AUDIT_VHOST, AUDIT_QUEUE, AUDIT, AUDIT, (("x-queue-type", "quorum"),))

    def rights(self) -> Iterator[Rights]:
        """Every right there is; a user not named here has none."""
        for producer in self.producers:
            own = f"^({announce_queue(producer)}|{answers_queue(producer)})$".replace(".", r"\.")
            yield Rights(producer, HANDOVER_VHOST, write=f"^({WORK}|{LANES})$", read=own)
        for worker in self.workers:
            own = rf"^(work\.{worker}|lane\.{worker}-[0-9]+)$"
            yield Rights(worker, HANDOVER_VHOST, write=f"^({ANNOUNCE}|{ANSWERS})$", read=own)
        for user in self.producers + self.workers + (self.monitor,):
            read = rf"^{AUDIT_QUEUE}$".replace(".", r"\.") if user == self.monitor else "^$"
            yield Rights(user, AUDIT_VHOST, write=f"^{AUDIT}$", read=read)
