"""`make demo`: sets the stage, shows the way, stops cleanly."""

import asyncio
import json
import os
import shutil
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from ctl.journalists import NewJournalist

from sealdrop_demo import database, preparation, spa
from sealdrop_demo.observer import Observer, alert_lines
from sealdrop_demo.preparation import USERNAME, Prepared, step
from sealdrop_demo.screen import WARNING, Screen, now, qr, totp_line
from sealdrop_demo.stage import Stage, playing
from sealdrop_demo.state import State, short_directory, start_afresh, write_facts
from sealdrop_demo.storyboard import lines

UNPRIVILEGED = 65534  # nobody
LOOK_SECONDS = 0.5


def drop_privileges(root: Path) -> None:
    """Started as root: become nobody, keeping only the right to read this clone, and start again. Else: nothing.

    The clone may lie below /root, where nobody could not even reach the interpreter.
    """
    if os.geteuid() != 0:
        return
    root.mkdir(exist_ok=True)
    for path in (root, *root.rglob("*")):
        os.chown(path, UNPRIVILEGED, UNPRIVILEGED, follow_symlinks=False)
    ids = [f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups", "--no-new-privs"]
    rights = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    bounds = ["--bounding-set=-all,+dac_read_search"]
    command = ["setpriv", *ids, *rights, *bounds, sys.executable, "-m", "sealdrop_demo", "--dir", str(root), "run"]
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606  # no shell: a list of words


def run(root: Path) -> None:
    """Until Ctrl-C."""
    screen = Screen()
    built = build_web_app(screen)
    drop_privileges(root)
    state = start_afresh(root)
    log = state.root / "services.log"
    terminal = os.dup(sys.stderr.fileno())
    send_logs_to(log)
    sockets = short_directory()
    try:
        asyncio.run(_run(state, sockets, built, screen))
    except Exception as error:
        raise SystemExit(f"The demo could not go on ({type(error).__name__}); {log} says more.") from error
    finally:
        os.dup2(terminal, sys.stderr.fileno())
        shutil.rmtree(sockets, ignore_errors=True)
        state.process.unlink(missing_ok=True)
        screen.say("\nThe demo has stopped. Nothing of it is left but the directory .demo.")


def send_logs_to(file: Path) -> None:
    """The services' log lines go to a file; the screen is for the newcomer."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)


def build_web_app(screen: Screen) -> Path:
    """As whoever started the demo: it writes into the clone."""
    if spa.is_built():
        return spa.DIST
    with step(screen, "building the journalists' web app"):
        return spa.build()


async def _run(state: State, sockets: Path, built: Path, screen: Screen) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    with step(screen, "making keys on the viewing station"):
        prepared = preparation.install(state, state.root / "spa")
        spa.place(built, state.root / "spa", prepared.pins)
    with ExitStack() as stack:
        with step(screen, "starting PostgreSQL"):
            stack.enter_context(database.running(state.database, sockets))
        journalist = await preparation.prepare_database(sockets, prepared.installation)
        async with playing(prepared.installation, sockets) as stage:
            _tell(state, screen, prepared, journalist)
            await _show(state, sockets, screen, journalist, stage, stop)


def _tell(state: State, screen: Screen, prepared: Prepared, journalist: NewJournalist) -> None:
    write_facts(
        state,
        {
            "source_url": prepared.source_url,
            "journalist_url": prepared.journalist_url,
            "journalist": {
                "username": USERNAME,
                "passphrase": journalist.passphrase,
                "totp_secret": journalist.totp_secret,
            },
            "svs_dir": str(state.svs),
            "svs_passphrase": prepared.svs_passphrase,
            "worker_key": prepared.worker_key,
        },
    )
    screen.say(f"\n  {WARNING}\n")
    screen.say(qr(journalist.totp_uri))
    screen.say("  Station      make demo-svs, in a second terminal, opens what arrives")
    screen.say(f"  Sources      {prepared.source_url}")
    screen.say(f"  Journalists  {prepared.journalist_url}")
    screen.say(f"    name           {USERNAME}")
    screen.say(f"    passphrase     {journalist.passphrase}")


async def _show(
    state: State, sockets: Path, screen: Screen, journalist: NewJournalist, stage: Stage, stop: asyncio.Event
) -> None:
    observer = await Observer.connect(sockets, state)
    told = len(alert_lines(state))
    if not sys.stdout.isatty():
        screen.say(f"  {totp_line(journalist.totp_secret, now()).strip()}\n")
    try:
        while not stop.is_set():
            if (failure := stage.failure()) is not None:
                raise SystemExit(failure)
            if state.stop_worker.exists():
                stage.stop_worker.set()
            shown = lines(await observer.look())
            alerts = alert_lines(state)
            shown += [f"    ALERT  {json.loads(line)['title']}" for line in alerts[told:]]
            screen.draw(shown, totp_line(journalist.totp_secret, now()))
            await _pause(stop)
    finally:
        await observer.close()


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
    except TimeoutError:
        return
