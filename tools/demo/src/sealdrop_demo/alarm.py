"""`make demo-alarm`: takes the worker away, and shows what the admin and a source see then."""

import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

from sealdrop_demo.observer import alert_lines
from sealdrop_demo.state import State, read_facts

WAIT_SECONDS = 60


def alarm(root: Path) -> int:
    """0 when the alert came and the page is closed; 1 otherwise."""
    facts = read_facts(root)
    state = State(root)
    before = len(alert_lines(state))
    state.stop_worker.touch()
    if os.geteuid() == 0:
        os.chown(state.stop_worker, state.root.stat().st_uid, state.root.stat().st_gid)
    print("The worker has been told to stop. Waiting for the page to close and for the alert ...", flush=True)
    closed = alerted = False
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and not (closed and alerted):
        closed = closed or _tell_if_closed(str(facts["source_url"]))
        alerted = alerted or _tell_alerts(alert_lines(state)[before:])
        time.sleep(0.5)
    if closed and alerted:
        print("\nStart the demo again to bring the worker back.")
        return 0
    print("\nNothing happened: is the demo still running?")
    return 1


def wait_until_open(source_url: str, seconds: float) -> None:
    """Returns when a source could send. Errors: SystemExit after that long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{source_url}submit", timeout=5):  # noqa: S310  # our own loopback
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The source's page did not open.")


def _tell_if_closed(source_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{source_url}submit", timeout=5):  # noqa: S310  # an address of our own loopback
            return False
    except urllib.error.HTTPError as answer:
        if answer.code != 503:
            return False
        print(f"\nA source who opens {source_url}submit now reads that this is not open, and can send nothing (503).")
        return True
    except OSError:
        return False


def _tell_alerts(lines: list[str]) -> bool:
    for line in lines:
        alert = json.loads(line)
        print(f"\nThe monitor alerts the admin:\n\n  {alert['title']}\n")
        for part in ("happened", "meaning", "action"):
            print(f"  {alert[part]}")
    return bool(lines)
