"""`python -m monitor_agent` as it is deployed: against RabbitMQ, through a crash of the broker, until SIGTERM."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.amqp import AmqpBus
from contract.topology import AUDIT_QUEUE, AUDIT_VHOST

from tests.integration.monitor.conftest import KEYS, Hub, Scene, amqp_settings
from tests.integration.monitor.waiting import eventually
from tests.stack.rabbitmq import RabbitServer


def settings_file(directory: Path, server: RabbitServer) -> Path:
    certificate, key = server.client_cert("monitor")
    broker = {"host": server.host, "ca_file": server.ca_file, "cert_file": certificate, "key_file": key}
    lines = [
        f'state_dir = "{directory / "monitor"}"',
        "heartbeat_missed_seconds = 4.0",
        "[services]",
        f'source-1 = "{KEYS["source-1"].hex}"',
        "[broker]",
        f"port = {server.port}",
        *(f'{name} = "{value}"' for name, value in broker.items()),
    ]
    path = directory / "settings.toml"
    path.write_text("\n".join(lines))
    return path


def start(config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "monitor_agent", "--config", str(config)], stderr=subprocess.PIPE)


async def test_the_process_watches_survives_the_brokers_crash_and_stops(rabbitmq: RabbitServer, tmp_path: Path) -> None:
    source = await AmqpBus.connect(amqp_settings(rabbitmq, "source-1"), AUDIT_VHOST)
    cleaner = await AmqpBus.connect(amqp_settings(rabbitmq, "monitor"), AUDIT_VHOST)
    await cleaner.purge(AUDIT_QUEUE)
    await cleaner.close()
    scene = Scene(Hub({"source-1": source}), tmp_path / "monitor")
    running = start(settings_file(tmp_path, rabbitmq))
    try:
        async with scene.trail("source-1"):
            await scene.settled("source-1", 3)
            rabbitmq.kill()
            await scene.told("blind", "monitor")
            rabbitmq.restart()
            await eventually(lambda: ("sees_again", "monitor") in scene.codes(), 60)
            await scene.settled("source-1", scene.head("source-1") + 3)
        running.send_signal(signal.SIGTERM)
        _, errors = running.communicate(timeout=15)
    finally:
        running.kill()
        print(running.communicate())  # shown when the test fails
        await source.close()

    assert running.returncode == 0
    assert b"Traceback" not in errors
    told = [code for code, _ in scene.codes()]
    assert told[:2] == ["blind", "sees_again"]
    assert set(told[2:]) <= {"silent", "back"}  # the service waits a little before it sends again; nothing was lost


@pytest.mark.parametrize("spoil", [lambda text: text + "\nunknown = 1", lambda text: text.replace("[services]", "")])
def test_a_settings_file_it_does_not_understand_ends_it_with_one_line(
    rabbitmq: RabbitServer, tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    config = settings_file(tmp_path, rabbitmq)
    config.write_text(spoil(config.read_text()))

    ended = subprocess.run(
        [sys.executable, "-m", "monitor_agent", "--config", str(config)], capture_output=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert json.loads(ended.stderr) == {"service": "monitor-agent", "event": "unexpected", "error": "SettingsError"}


def test_a_state_directory_it_cannot_write_ends_it(rabbitmq: RabbitServer, tmp_path: Path) -> None:
    config = settings_file(tmp_path, rabbitmq)
    (tmp_path / "monitor").write_text("a file")
    started = time.monotonic()

    ended = subprocess.run(
        [sys.executable, "-m", "monitor_agent", "--config", str(config)], capture_output=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert json.loads(ended.stderr)["error"] == "FileExistsError"
    assert time.monotonic() - started < 25
