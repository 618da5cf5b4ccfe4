"""The judge of answers and logs must be able to say no."""

from enum import Enum
from pathlib import Path

import pytest
from chassis.web.headers import security_headers

from tests.fuzz.judge import Judge, log_complaints
from tests.fuzz.wire import Exchange, NotAnAnswer, answers

POLICY = security_headers({})
JUDGE = Judge([POLICY], [b"Not open"])


class Said(Enum):
    """Names of a log."""

    STARTED = "started"
    UNEXPECTED = "unexpected_error"


def answer(status: int, body: bytes = b"", *more: tuple[bytes, bytes], without: bytes = b"") -> bytes:
    lines = [name + b": " + value for name, value in [*POLICY, *more] if name != without]
    length = b"content-length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 %d X" % status, *lines, length, b"", body])


def complaints(
    received: bytes, *, has_ended: bool = True, was_dropped: bool = False, seconds: float = 1.0
) -> list[str]:
    return JUDGE.complaints(Exchange(received, has_ended, was_dropped, seconds))


@pytest.mark.parametrize("received", [b"", answer(400), answer(503, b"Not open"), answer(200, b"one") + answer(404)])
def test_what_is_right_is_not_complained_of(received: bytes) -> None:
    assert complaints(received) == []


@pytest.mark.parametrize(
    "received",
    [
        answer(500),
        answer(503, b"out of memory"),
        answer(200, b"ok") + answer(500),
        answer(400, without=b"content-security-policy"),
        answer(400, without=b"referrer-policy"),
        answer(400, b"", (b"server", b"uvicorn")),
        answer(400, b"Traceback (most recent call last)"),
        b"Internal Server Error",
    ],
)
def test_what_is_wrong_with_an_answer_is_said(received: bytes) -> None:
    assert len(complaints(received)) == 1


def test_what_is_wrong_with_a_connection_is_said() -> None:
    assert complaints(b"", has_ended=False) == ["the connection did not end"]
    assert complaints(b"", was_dropped=True) == ["ended without an answer"]
    assert complaints(b"", seconds=100.0) == ["it took too long"]


def test_chunked_answers_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"

    whole, cut = answers(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")[0], answers(head + b"3\r\nabc\r\n2\r\nd")[0]

    assert (whole.body, whole.is_whole) == (b"abcde", True)
    assert (cut.body, cut.is_whole) == (b"abc", False)


def test_bytes_that_are_no_answer_are_refused() -> None:
    with pytest.raises(NotAnAnswer):
        answers(b"HTTP/1.1 200 OK\r\n")


def test_only_lines_from_the_list_are_harmless(tmp_path: Path) -> None:
    good = '{"service": "source-api", "event": "started"}'
    bad = [
        "Traceback (most recent call last):",
        '{"service": "source-api", "event": "unexpected_error", "error": "KeyError"}',
        '{"service": "source-api", "event": "uncaught_error"}',
        '{"service": "source-api", "event": "another"}',
        '{"service": "else", "event": "started"}',
    ]
    log = tmp_path / "log"
    log.write_text("\n".join([good, *bad]))

    assert log_complaints(log, "source-api", [Said]) == bad
