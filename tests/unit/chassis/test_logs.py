"""What a log may say, and above all what not."""

import asyncio
import io
import json
import subprocess
import sys
from enum import Enum
from typing import Any

import pytest
from chassis.logs import Log


class Said(Enum):
    STARTED = "started"
    SPOOLED = "spooled"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_the_service_the_event_and_allowed_fields(stream: io.StringIO) -> None:
    Log("worker-1", stream).event(Said.STARTED, generation=3, state="ready")

    assert lines(stream) == [{"service": "worker-1", "event": "started", "generation": 3, "state": "ready"}]


@pytest.mark.parametrize(
    "fields",
    [
        {"source_id": "x"},
        {"name": "leak.pdf"},
        {"error": "could not open leak.pdf: no such file"},
        {"state": "a" * 49},
        {"state": b"bytes"},
        {"state": ["a"]},
        {"generation": 1.5},
        {"state": "line\nbreak"},
    ],
)
def test_other_fields_and_free_text_are_dropped(stream: io.StringIO, fields: dict[str, Any]) -> None:
    Log("worker-1", stream).event(Said.STARTED, **fields)

    assert lines(stream) == [{"service": "worker-1", "event": "started"}]


def test_an_error_is_its_class_name(stream: io.StringIO) -> None:
    Log("worker-1", stream).error(Said.STARTED, ValueError("leak.pdf"))

    assert lines(stream)[0]["error"] == "ValueError"
    assert "leak" not in stream.getvalue()


def test_counts_are_written_together_and_begin_again(stream: io.StringIO) -> None:
    log = Log("source-1", stream)
    for _ in range(3):
        log.count(Said.SPOOLED)
    assert stream.getvalue() == "", "nothing is written at the moment of the deed"

    log.flush_counts()
    log.flush_counts()

    assert lines(stream) == [{"service": "source-1", "count": "spooled", "in_this_hour": 3}]


def test_an_error_is_counted_by_its_class_and_without_its_text(stream: io.StringIO) -> None:
    log = Log("source-1", stream)
    for error in (ValueError("a secret"), ValueError("another"), KeyError("a third")):
        log.count(Said.SPOOLED, error)

    log.flush_counts()

    assert lines(stream) == [
        {"service": "source-1", "count": "spooled", "error": "KeyError", "in_this_hour": 1},
        {"service": "source-1", "count": "spooled", "error": "ValueError", "in_this_hour": 2},
    ]


async def test_counts_are_written_at_the_full_hour(stream: io.StringIO) -> None:
    log = Log("source-1", stream)
    log.count(Said.SPOOLED)
    reporting = asyncio.create_task(log.report_counts(now=lambda: 3599.99))
    await asyncio.sleep(0.05)
    reporting.cancel()

    assert lines(stream)[0]["in_this_hour"] == 1


def test_libraries_are_silent_after_it_was_asked(capfd: pytest.CaptureFixture[str]) -> None:
    program = (
        "import logging; from chassis.logs import silence_libraries; silence_libraries()\n"
        "for name in ('uvicorn.error', 'aio_pika.robust_connection', 'aiormq.connection', 'asyncpg', 'asyncio'):\n"
        "    logging.getLogger(name).critical('leak')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

    assert capfd.readouterr() == ("", "")


def test_uncaught_errors_are_named_by_class_only(capfd: pytest.CaptureFixture[str]) -> None:
    program = (
        "import asyncio; from chassis.logs import Log; from chassis.process import run\n"
        "async def main(stop):\n"
        "    async def fail(): raise ValueError('leak')\n"
        "    task = asyncio.create_task(fail()); await asyncio.sleep(0); del task\n"
        "    raise KeyError('leak')\n"
        "run(main, Log('source-1'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    said = capfd.readouterr().err

    assert done.returncode == 1
    assert "leak" not in said
    assert "Traceback" not in said
    assert {json.loads(line)["error"] for line in said.splitlines()} == {"ValueError", "KeyError"}
