"""The test servers do what the tests rely on."""

import ssl
from pathlib import Path

import aio_pika
import asyncpg
import pytest
from aiormq.exceptions import ChannelAccessRefused
from contract.topology import HANDOVER_VHOST, WORK

from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer


def broker_url(server: RabbitServer, user: str) -> tuple[str, ssl.SSLContext]:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    context.load_cert_chain(*map(str, server.client_cert(user)))
    return f"amqps://{server.host}:{server.port}/{HANDOVER_VHOST}?auth=external", context


async def test_database_is_durable_and_checksummed(postgres: PostgresServer) -> None:
    assert postgres.sql("SHOW fsync") == "on"
    assert postgres.sql("SHOW data_checksums") == "on"


async def test_database_survives_a_crash_with_what_was_committed(postgres: PostgresServer, database: str) -> None:
    postgres.sql("CREATE TABLE kept AS SELECT 7 AS n", database)

    postgres.kill()
    postgres.restart()

    assert postgres.sql("SELECT n FROM kept", database) == "7"


async def test_database_takes_a_client_certificate_for_its_own_role_only(postgres: PostgresServer) -> None:
    context = ssl.create_default_context(cafile=str(postgres.ca_file))
    context.load_cert_chain(*map(str, postgres.client_cert("postgres")))
    connection = await asyncpg.connect(postgres.superuser_dsn, ssl=context)
    await connection.close()

    context.load_cert_chain(*map(str, postgres.client_cert("source-1")))
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(postgres.superuser_dsn, ssl=context)


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


async def test_relay_leads_to_the_broker(rabbitmq: RabbitServer) -> None:
    path = rabbitmq.relay("source-1")

    assert Path(path).is_socket()


async def test_broker_comes_back_after_a_crash(rabbitmq: RabbitServer) -> None:
    first = rabbitmq.pid
    rabbitmq.kill()
    rabbitmq.restart()

    assert rabbitmq.pid != first
    assert "work.worker-1" in rabbitmq.control("list_queues", "-q", "-p", HANDOVER_VHOST, "name")
