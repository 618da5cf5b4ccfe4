"""Hardening, and stopping by signal. Each test is a process of its own."""

import signal
import subprocess
import sys

HARDENED = """
import resource, pathlib
from chassis.process import harden
harden()
print(resource.getrlimit(resource.RLIMIT_CORE), pathlib.Path("/proc/self/mem").stat().st_uid)
import ctypes
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""

WAITING = """
import asyncio, time
from chassis.process import run
async def main(stop):
    print("up", flush=True)
    {before}
    await stop.wait()
    print("stopped", flush=True)
run(main)
"""


def python(program: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def test_a_hardened_process_leaves_no_core_and_is_not_dumpable() -> None:
    with python(HARDENED) as process:
        out, _ = process.communicate(timeout=20)

    assert out.splitlines() == ["(0, 0) 0", "0"]


def test_sigterm_and_sigint_mean_stop() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with python(WAITING.format(before="")) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            process.send_signal(number)
            out, _ = process.communicate(timeout=20)

        assert (out, process.returncode) == ("stopped\n", 0)


def test_a_stop_requested_during_start_up_is_not_lost() -> None:
    with python(WAITING.format(before="time.sleep(0.5)")) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)

    assert (out, process.returncode) == ("stopped\n", 0)


def test_the_chassis_without_web_imports_no_web_library() -> None:
    program = (
        "import sys, chassis.amqp, chassis.audit, chassis.inprocess, chassis.logs, chassis.postgres, chassis.process,"
        " chassis.settings, handover.producer\n"
        "print(sorted({'fastapi', 'starlette', 'uvicorn', 'jinja2', 'multipart'} & set(sys.modules)))"
    )
    with python(program) as process:
        out, _ = process.communicate(timeout=30)

    assert out == "[]\n"
