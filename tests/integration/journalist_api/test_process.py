"""The process as deployed: a settings file, RabbitMQ and PostgreSQL over TLS with client certificates."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.journalist_api.newsroom import Newsroom
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer

CONFIG = """\
name = "journalist-1"
listen = "{newsroom.directory}/web.sock"
signing_key_file = "{newsroom.directory}/signing.key"
audit_key_file = "{newsroom.directory}/audit.key"
totp_key_file = "{newsroom.directory}/totp.key"
root_public_key = "{newsroom.keys.root.hex}"
keyset_file = "{newsroom.directory}/keyset.json"
spa_dir = "{newsroom.spa_dir}"
workers = {{ worker-1 = "{newsroom.keys.worker.hex}" }}

[broker]
host = "127.0.0.1"
port = {broker.port}
ca_file = "{broker.ca_file}"
cert_file = "{broker_cert[0]}"
key_file = "{broker_cert[1]}"

[database]
user = "sealdrop_journalist"
database = "{newsroom.database_name}"
host = "127.0.0.1"
port = {database.port}
ca_file = "{database.ca_file}"
cert_file = "{database_cert[0]}"
key_file = "{database_cert[1]}"
"""


@pytest.fixture
def prepared(postgres: PostgresServer, rabbitmq: RabbitServer, database: str, tmp_path: Path) -> Newsroom:
    """Keys, keyset, a web app with pins, and a settings file; nothing runs yet but the servers."""
    spa_dir = tmp_path / "spa"
    spa_dir.mkdir()
    (spa_dir / "index.html").write_text("<!doctype html>")
    newsroom = Newsroom(postgres, database, tmp_path, spa_dir)
    newsroom.settings()
    text = CONFIG.format(
        newsroom=newsroom,
        broker=rabbitmq,
        broker_cert=rabbitmq.client_cert("journalist-1"),
        database=postgres,
        database_cert=postgres.client_cert("sealdrop_journalist"),
    )
    (tmp_path / "journalist-api.toml").write_text(text)
    return newsroom


@pytest.fixture
def process(prepared: Newsroom) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m journalist_api`, killed at the end if it still runs."""
    started = subprocess.Popen(command(prepared), stderr=subprocess.PIPE)
    yield started
    started.kill()
    started.communicate()


def command(newsroom: Newsroom, *more: str) -> list[str]:
    config = str(newsroom.directory / "journalist-api.toml")
    return [sys.executable, "-m", "journalist_api", "--config", config, *more]


def ask(newsroom: Newsroom, path: str) -> httpx.Response:
    """Over the unix socket, as tor does."""
    transport = httpx.HTTPTransport(uds=str(newsroom.directory / "web.sock"), retries=60)
    with httpx.Client(transport=transport, base_url="http://journalist", timeout=20) as client:
        return client.get(path)


def wait_for_socket(newsroom: Newsroom, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, process.communicate()
        if (newsroom.directory / "web.sock").exists():
            return
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)
    raise AssertionError("it does not listen")


def test_the_process_serves_on_a_unix_socket_and_stops_when_told(
    prepared: Newsroom, process: subprocess.Popen[bytes], rabbitmq: RabbitServer
) -> None:
    wait_for_socket(prepared, process)

    assert ask(prepared, "/").status_code == 200
    assert ask(prepared, "/api/v1/me").status_code == 401
    assert "journalist-1" in rabbitmq.control("list_connections", "user")
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


@pytest.mark.parametrize("broken", ["pins.json", "keyset.json", "totp.key"])
def test_the_process_does_not_start_on_anything_it_cannot_trust(prepared: Newsroom, broken: str) -> None:
    path = prepared.spa_dir / broken if broken == "pins.json" else prepared.directory / broken
    if broken == "totp.key":
        path.chmod(0o644)  # readable by others
    else:
        path.write_text("{}")

    run = subprocess.run(command(prepared), capture_output=True, timeout=60, check=False)

    assert run.returncode == 1
    assert not (prepared.directory / "web.sock").exists()
    assert b"Traceback" not in run.stderr


def test_deployment_writes_the_pins_from_the_settings(prepared: Newsroom) -> None:
    pins = prepared.spa_dir / "pins.json"
    expected = pins.read_bytes()
    pins.unlink()

    subprocess.run(command(prepared, "--write-pins"), timeout=60, check=True)

    assert pins.read_bytes() == expected
