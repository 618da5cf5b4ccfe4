"""A few visitors at once, each sending one malformed request after the other, and what came of it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

from tests.fuzz.cases import WHOLE_PATIENCE, Case, Ticket, journalist_case, source_case
from tests.fuzz.heads import request
from tests.fuzz.journalist import Visit
from tests.fuzz.judge import Judge
from tests.fuzz.wire import Exchange, NotAnAnswer, answers, exchange

LANES: Final = 6
ENDING: Final = 10.0  #: a linger of 2 s after a refusal is part of it
HANGING_PATIENCE: Final = 37.0  #: headers have 10 s; a body is looked at every 30 s
RECEIVED: Final = (b"sealed and safely stored: ", b'"receipt_digits"')  #: of the answer itself, not of /sent
_TOKEN: Final = re.compile(rb'action="/submit[^"]*"[^>]*>\s*<input type="hidden" name="csrf_token" value="([^"]+)"')
_FORM_ID: Final = re.compile(rb"form=([0-9a-f]{32})")

#: Each of these is left as it stands. The service has to end the connection by itself.
HANGING: Final = (
    b"",
    b"G",
    b"GET / HTTP/1.1\r\nHost: a\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"v" * 9000,
    b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na",
    b"POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n",
    b"POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
)

Turn = Callable[[int], Awaitable[tuple[Case, Exchange]]]


class Visitor:
    """A source with a cookie of its own, so that lanes do not supersede each other's forms."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""

    async def turn(self, seed: int) -> tuple[Case, Exchange]:
        case = source_case(seed, await self.ticket())
        return case, await exchange(self._port, case.pieces, case.patience, ENDING)

    async def ticket(self) -> Ticket:
        """A new form of this visitor's session. Errors: AssertionError when there is none to be had."""
        headers = f"Host: a\r\nConnection: close\r\nCookie: source={self._cookie}".encode()
        result = await exchange(self._port, [request(b"GET", b"/submit", headers)], WHOLE_PATIENCE, ENDING)
        [page] = answers(result.received)
        self._cookie = page.header("set-cookie").partition("=")[2].partition(";")[0]
        token, form_id = _TOKEN.search(page.body), _FORM_ID.search(page.body)
        assert token is not None, f"no form, but status {page.status}"
        assert form_id is not None, f"no form, but status {page.status}"
        return Ticket(self._cookie, token[1].decode(), form_id[1].decode())


def journalist_turn(port: int, visit: Visit) -> Turn:
    async def turn(seed: int) -> tuple[Case, Exchange]:
        case = journalist_case(seed, visit)
        return case, await exchange(port, case.pieces, case.patience, ENDING)

    return turn


class Tally:
    """What came of a run."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self.complaints: list[str] = []
        self.requests = 0
        self.received = 0  #: acknowledged submissions or replies
        self.unanswered = 0  #: never whole, and so cut off by us

    def add(self, case: Case, result: Exchange) -> None:
        found = self._judge.complaints(result, may_be_lost=case.breaks_its_word)
        self.complaints += [f"{complaint}\n    {case}" for complaint in found]
        self.requests += 1
        self.received += sum(result.received.count(mark) for mark in RECEIVED)
        self.unanswered += not result.received

    def __iadd__(self, other: "Tally") -> "Tally":
        self.complaints += other.complaints
        self.requests += other.requests
        self.received += other.received
        self.unanswered += other.unanswered
        return self

    def __str__(self) -> str:
        return f"{self.requests} requests, {self.received} received, {self.unanswered} unanswered"


def run(seeds: Iterable[int], turns: Iterable[Turn], judge: Judge) -> Tally:
    """Sends a request for each seed; each turn is one lane."""
    return asyncio.run(_run(iter(seeds), list(turns), judge))


async def _run(seeds: Iterator[int], turns: list[Turn], judge: Judge) -> Tally:
    tally = Tally(judge)

    async def lane(turn: Turn) -> None:
        for seed in seeds:
            try:
                tally.add(*await turn(seed))
            except (AssertionError, NotAnAnswer, ValueError, OSError) as error:
                tally.complaints.append(f"seed {seed}: {type(error).__name__}: {error}")
                return

    await asyncio.gather(*(lane(turn) for turn in turns))
    return tally


def hang(port: int) -> list[str]:
    """What was sent on the connections that were still open when they should have ended."""
    return asyncio.run(_hang(port))


async def _hang(port: int) -> list[str]:
    results = await asyncio.gather(*(exchange(port, [wire], HANGING_PATIENCE, 0.0, whole=False) for wire in HANGING))
    return [repr(wire[:60]) for wire, result in zip(HANGING, results, strict=True) if not result.has_ended]
