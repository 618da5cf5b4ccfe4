"""Small rules: codenames, words, progress, gate, race, body, bounded derivation, headers."""

import asyncio
import threading

import pytest
from sealing.codename import SourceKeys
from source_api.body import Body, ClientGone
from source_api.codenames import CodenameFault, Fault, fault_of
from source_api.derivation import AT_ONCE, NEW_AT_ONCE, WAITING, Derivation, TooBusy
from source_api.gate import Gate
from source_api.headers import headers_for
from source_api.progress import Progress, Stage
from source_api.race import unless
from source_api.refusals import Reason, Refusal
from source_api.words import load_words

from tests.unit.source_api.fakes import quick_derive, receive_of

WORDS = load_words()
GOOD = " ".join(WORDS[:8])


def test_the_word_list_is_the_eff_list_without_its_hyphenated_words() -> None:
    assert len(WORDS) == 7772
    assert WORDS[0] == "abacus"
    assert all(word.isalpha() and word.isascii() and word.islower() for word in WORDS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD, None),
        (f"  {GOOD.upper().replace(' ', ' - ')}\n", None),
        ("", CodenameFault(Fault.EMPTY)),
        (" - ", CodenameFault(Fault.EMPTY)),
        ("x" * 513, CodenameFault(Fault.TOO_LONG)),
        (" ".join([*WORDS[:4], "wrongg", *WORDS[5:8]]), CodenameFault(Fault.UNKNOWN_WORD, 5)),
        (" ".join(WORDS[:7]), CodenameFault(Fault.WORD_COUNT, 7)),
        (" ".join(WORDS[:9]), CodenameFault(Fault.WORD_COUNT, 9)),
    ],
)
def test_what_is_wrong_with_a_codename_is_said_by_number(text: str, fault: CodenameFault | None) -> None:
    assert fault_of(text, WORDS) == fault


def test_progress_shows_tenths_and_a_superseded_pen_is_mute() -> None:
    progress = Progress()
    first = progress.begin(1000)
    first.count(250)
    assert (progress.snapshot.stage, progress.snapshot.step) == (Stage.RECEIVING, 2)

    second = progress.begin(100)
    first.count(500)
    first.note(Stage.REFUSED, Reason.SUPERSEDED)
    second.count(100)

    assert (progress.snapshot.stage, progress.snapshot.step, progress.snapshot.round) == (Stage.RECEIVING, 10, 2)


async def test_a_reader_of_progress_wakes_for_a_new_tenth_and_for_nothing_less() -> None:
    progress = Progress()
    pen = progress.begin(1000)
    seen = progress.snapshot

    pen.count(99)
    assert await progress.wait(seen, 0.01) == seen
    asyncio.get_running_loop().call_later(0.01, pen.count, 1)

    assert (await progress.wait(seen, 5.0)).step == 1


def test_progress_without_a_length_counts_tens_of_megabytes() -> None:
    progress = Progress()

    progress.begin(None).count(25_000_000)

    assert (progress.snapshot.step, progress.snapshot.has_total) == (2, False)


def test_the_gate_holds_in_all_and_per_circuit() -> None:
    gate = Gate(3, 2)

    with gate.enter("a"), gate.enter("a"):
        with pytest.raises(Refusal), gate.enter("a"):
            pass
        with gate.enter(""), pytest.raises(Refusal), gate.enter("b"):
            pass
    with gate.enter("a"), gate.enter(""), gate.enter(""):
        pass


async def test_work_ends_with_the_reason_that_comes_first() -> None:
    never = asyncio.Event()
    now = asyncio.Event()
    now.set()

    with pytest.raises(Refusal) as caught:
        await unless(never.wait(), {Reason.BUSY: never.wait(), Reason.SUPERSEDED: now.wait()})

    assert caught.value.reason is Reason.SUPERSEDED
    assert await unless(now.wait(), {Reason.BUSY: never.wait()})
    assert len(asyncio.all_tasks()) == 1


async def test_a_body_is_counted_and_what_is_left_is_dropped_up_to_a_bound() -> None:
    counted: list[int] = []
    body = Body(receive_of(b"ab", b"", b"cde", b"f" * 10), counted.append)

    assert [await body.read(), await body.read()] == [b"ab", b""]
    assert not await body.drop(3, 1_000_000)
    assert await body.drop(100, 1_000_000)
    assert (body.received, counted, await body.read()) == (15, [2, 0, 3, 10], b"")


async def test_dropping_keeps_to_its_rate() -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()

    await Body(receive_of(b"x" * 100, b"x" * 100)).drop(1000, 1000)

    assert loop.time() - begun >= 0.19


async def test_a_connection_lost_in_the_middle_of_a_body_is_an_error() -> None:
    body = Body(receive_of(b"ab", then_gone=True))
    await body.read()

    with pytest.raises(ClientGone):
        await body.read()


async def test_derivations_beyond_two_and_sixteen_waiting_are_refused_at_once() -> None:
    may_go = threading.Event()

    def slow(codename: str, salt: bytes, pepper: bytes) -> SourceKeys:
        may_go.wait(10)
        return quick_derive(codename, salt, pepper)

    derivation = Derivation(WORDS, "test", b"p" * 32, slow)
    under_way = [asyncio.create_task(derivation.keys(str(number))) for number in range(AT_ONCE + WAITING)]
    await asyncio.sleep(0.05)

    with pytest.raises(TooBusy):
        await derivation.keys("one more")
    under_way[0].cancel()  # a visitor who leaves frees no thread
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await derivation.keys("one more")
    newcomer = asyncio.create_task(derivation.fresh())  # is not in the way of log-ins, nor they in its
    may_go.set()
    assert (await newcomer)[0].count(" ") == 7
    await asyncio.gather(*under_way, return_exceptions=True)

    assert (await derivation.keys("now")).lookup_id == quick_derive("now", b"", b"").lookup_id
    derivation.close()


async def test_a_flood_of_newcomers_is_refused_and_log_ins_go_on() -> None:
    may_go = threading.Event()

    def slow(codename: str, salt: bytes, pepper: bytes) -> SourceKeys:
        if codename != "typed":
            may_go.wait(10)
        return quick_derive(codename, salt, pepper)

    derivation = Derivation(WORDS, "test", b"p" * 32, slow)
    newcomers = [asyncio.create_task(derivation.fresh()) for _ in range(NEW_AT_ONCE + WAITING)]
    await asyncio.sleep(0.05)

    with pytest.raises(TooBusy):
        await derivation.fresh()
    assert (await derivation.keys("typed")).lookup_id == quick_derive("typed", b"", b"").lookup_id
    may_go.set()
    await asyncio.gather(*newcomers)
    derivation.close()


async def test_a_codename_is_eight_words_of_the_list() -> None:
    derivation = Derivation(WORDS, "test", b"p" * 32, quick_derive)

    codenames = {(await derivation.fresh())[0] for _ in range(50)}
    derivation.close()

    assert len(codenames) == 50
    assert all(fault_of(codename, WORDS) is None for codename in codenames)


@pytest.mark.parametrize(
    ("method", "path", "is_framed"),
    [
        ("POST", "/submit", True),
        ("GET", "/status", True),
        ("GET", "/submit", False),
        ("POST", "/login", False),
        ("GET", "/sent", False),
        ("GET", "/status/x", False),
        ("POST", "/submit/", False),
    ],
)
def test_only_the_two_frames_may_be_framed_and_only_by_ourselves(method: str, path: str, is_framed: bool) -> None:
    policy = dict(headers_for(method, path))

    assert (b"frame-ancestors 'self'" in policy[b"content-security-policy"]) is is_framed
    assert policy[b"x-frame-options"] == (b"SAMEORIGIN" if is_framed else b"DENY")
    assert b"script" not in policy[b"content-security-policy"]
