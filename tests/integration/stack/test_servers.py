"""The test servers do what the tests rely on."""

import socket
import ssl
import subprocess

import aio_pika
import pytest
from aiormq.exceptions import ChannelAccessRefused
from contract.topology import HANDOVER_VHOST, WORK

from tests.stack.postgres import PostgresServer
from tests.stack.process import require_tool
from tests.stack.rabbitmq import RabbitServer


def broker_url(server: RabbitServer, user: str) -> tuple[str, ssl.SSLContext]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    context.load_cert_chain(*map(str, server.client_cert(user)))
    return f"amqps://{server.host}:{server.port}/{HANDOVER_VHOST}?auth=external", context


def test_database_is_durable_and_checksummed(postgres: PostgresServer) -> None:
    assert postgres.sql("SHOW fsync") == "on"
    assert postgres.sql("SHOW data_checksums") == "on"


def test_database_survives_a_crash_with_what_was_committed(postgres: PostgresServer, database: str) -> None:
    postgres.sql("CREATE TABLE kept AS SELECT 7 AS n", database)

    postgres.kill()
    postgres.restart()

    assert postgres.sql("SELECT n FROM kept", database) == "7"


async def test_database_is_migrated_and_closed_to_the_public(postgres: PostgresServer) -> None:
    name = postgres.new_database()

    assert postgres.sql("SELECT to_regclass('sealdrop.source')", name) == "sealdrop.source"
    assert postgres.sql("SELECT has_database_privilege('public', current_database(), 'CONNECT')", name) == "f"


def login(server: PostgresServer, certificate_of: str) -> int:
    """Logs in as the superuser over TLS with somebody's certificate; answers with psql's exit code."""
    certificate, key = server.client_cert(certificate_of)
    tls = f"sslmode=verify-full sslrootcert={server.ca_file} sslcert={certificate} sslkey={key}"
    address = f"host=localhost port={server.port} dbname=postgres user=postgres {tls}"
    return subprocess.run(
        [require_tool("psql"), "-Xc", "SELECT 1", address], capture_output=True, check=False
    ).returncode


def test_database_takes_a_client_certificate_for_its_own_role_only(postgres: PostgresServer) -> None:
    assert login(postgres, "postgres") == 0
    assert login(postgres, "source-1") != 0


async def test_broker_knows_a_user_by_certificate_and_holds_its_rights(rabbitmq: RabbitServer) -> None:
    url, context = broker_url(rabbitmq, "source-1")
    connection = await aio_pika.connect(url, ssl_context=context)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange(WORK, ensure=False)
        await exchange.publish(aio_pika.Message(b"x"), "worker-1", mandatory=True)
        other = await channel.get_queue("work.worker-1", ensure=False)
        with pytest.raises(ChannelAccessRefused):
            await other.get()


async def test_broker_refuses_a_client_without_certificate(rabbitmq: RabbitServer) -> None:
    url, _ = broker_url(rabbitmq, "source-1")
    bare = ssl.create_default_context(cafile=str(rabbitmq.ca_file))

    with pytest.raises((ConnectionError, ssl.SSLError, OSError)):
        await aio_pika.connect(url, ssl_context=bare)


def test_relay_leads_to_the_broker(rabbitmq: RabbitServer) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(rabbitmq.relay("source-1")))
        client.sendall(b"not AMQP")

        assert client.recv(8) == b"AMQP\x00\x00\x09\x01"


def test_broker_comes_back_after_a_crash(rabbitmq: RabbitServer) -> None:
    first = rabbitmq.pid
    rabbitmq.kill()
    rabbitmq.restart()
    rabbitmq.control("await_startup")  # it takes connections a little before it answers its operator

    assert rabbitmq.pid != first
    assert "work.worker-1" in rabbitmq.control("list_queues", "-q", "-p", HANDOVER_VHOST, "name")
