"""A hostile hub: sits between services and their broker, and does to messages what it is told.

Frames of a lane are recognised without any key: their header is in clear. Everything else is bytes to it.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from chassis.bus import Bus, Consumer
from contract.frames import Frame, FrameKind
from contract.topology import LANES, Route

#: What becomes of one message. Answers with what is really published, in order.
Tamper = Callable[[Route, bytes], list[tuple[Route, bytes]]]


def honest(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
    return [(route, body)]


class HostileHub:
    """`tamper` may be changed at any time. Keeps what passed, by exchange."""

    def __init__(self) -> None:
        self.tamper: Tamper = honest
        self.seen: list[tuple[Route, bytes]] = []

    def wrap(self, bus: Bus) -> "HostileBus":
        return HostileBus(self, bus)

    def passed(self, exchange: str) -> list[tuple[Route, bytes]]:
        return [(route, body) for route, body in self.seen if route.exchange == exchange]


class HostileBus:
    """A bus whose publishes go through the hub's hands."""

    def __init__(self, hub: HostileHub, inner: Bus) -> None:
        self._hub = hub
        self.inner = inner
        self._in_order = asyncio.Lock()  # first come, first served: the hub itself never reorders by accident

    @property
    def is_up(self) -> bool:
        return self.inner.is_up

    async def publish(self, route: Route, body: bytes, *, ttl_ms: int | None = None) -> None:
        self._hub.seen.append((route, body))
        async with self._in_order:
            for changed_route, changed in self._hub.tamper(route, body):
                await self.inner.publish(changed_route, changed, ttl_ms=ttl_ms)

    def consume(self, queue: str, *, prefetch: int = 16) -> AbstractAsyncContextManager[Consumer]:
        return self.inner.consume(queue, prefetch=prefetch)

    async def purge(self, queue: str) -> int:
        return await self.inner.purge(queue)

    async def close(self) -> None:
        await self.inner.close()


def flip(body: bytes, position: int) -> bytes:
    spoilt = bytearray(body)
    spoilt[position] ^= 1
    return bytes(spoilt)


def on_frame(number: int, change: Callable[[Frame], list[Frame]]) -> Tamper:
    """Changes the frame of this number in every lane."""
    return on_frames(lambda frame: frame.number == number, change)


def on_finish(change: Callable[[Frame], list[Frame]]) -> Tamper:
    return on_frames(lambda frame: frame.kind is FrameKind.FINISH, change)


def on_frames(is_meant: Callable[[Frame], bool], change: Callable[[Frame], list[Frame]]) -> Tamper:
    def tamper(route: Route, body: bytes) -> list[tuple[Route, bytes]]:
        if route.exchange != LANES:
            return [(route, body)]
        frame = Frame.decode(body)
        changed = change(frame) if is_meant(frame) else [frame]
        return [(route, each.encode()) for each in changed]

    return tamper


def flip_body(position: int) -> Callable[[Frame], list[Frame]]:
    return lambda frame: [replace(frame, body=flip(frame.body, position))]


class Exchange:
    """Holds back two lanes at frame `number` until both have come there, then lets all go on with the two exchanged."""

    def __init__(self, number: int, *, whole: bool) -> None:
        self._number = number
        self._whole = whole  #: whole frames change lanes; else only their bodies, under the right headers
        self._held: dict[str, list[tuple[Route, bytes]]] = {}
        self.is_done = False

    def __call__(self, route: Route, body: bytes) -> list[tuple[Route, bytes]]:
        if route.exchange != LANES or self.is_done:
            return [(route, body)]
        if route.key not in self._held and Frame.decode(body).number != self._number:
            return [(route, body)]
        self._held.setdefault(route.key, []).append((route, body))
        if len(self._held) < 2:
            return []
        return self._release()

    def _release(self) -> list[tuple[Route, bytes]]:
        self.is_done = True
        first, second = self._held.values()
        (route_a, wire_a), (route_b, wire_b) = first[0], second[0]
        a, b = Frame.decode(wire_a), Frame.decode(wire_b)
        if not self._whole:
            a, b = replace(b, upload_id=a.upload_id), replace(a, upload_id=b.upload_id)
            return [(route_a, a.encode()), (route_b, b.encode()), *first[1:], *second[1:]]
        return [(route_a, wire_b), (route_b, wire_a), *first[1:], *second[1:]]
