"""Who gets in to the broker: TLS 1.3, a certificate of our authority with a known name, and nothing else."""

import asyncio
import ssl
from pathlib import Path

import aio_pika
import pytest
from aio_pika.exceptions import AMQPError
from chassis.amqp import AmqpBus
from chassis.amqp_line import AmqpSettings
from ctl.certificates import Authority
from yarl import URL

from tests.integration.bus.conftest import RenderedBroker

FAILURES = (AMQPError, OSError, ssl.SSLError, asyncio.IncompleteReadError)


async def knock(broker: RenderedBroker, context: ssl.SSLContext | None, *, auth: str = "external") -> None:
    """One connection to the handover vhost, without any of the bus's retries."""
    scheme = "amqp" if context is None else "amqps"
    url = URL.build(scheme=scheme, host=broker.host, port=broker.port, path="/handover", query={"auth": auth})
    connection = aio_pika.Connection(url, ssl_context=context)
    try:
        await connection.connect(timeout=10)
    finally:
        await connection.close()


def tls(broker: RenderedBroker, certificate: tuple[Path, Path] | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=broker.ca_file)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


async def test_a_service_with_its_certificate_gets_in(broker: RenderedBroker) -> None:
    await knock(broker, tls(broker, broker.client_cert("source-1")))


async def test_without_tls_nobody_gets_in(broker: RenderedBroker) -> None:
    with pytest.raises(FAILURES):
        await knock(broker, None)


async def test_without_a_certificate_nobody_gets_in(broker: RenderedBroker) -> None:
    with pytest.raises(FAILURES):
        await knock(broker, tls(broker, None))


async def test_tls_1_2_is_refused(broker: RenderedBroker) -> None:
    context = tls(broker, broker.client_cert("source-1"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with pytest.raises(FAILURES):
        await knock(broker, context)


async def test_a_name_without_a_user_does_not_get_in(broker: RenderedBroker) -> None:
    with pytest.raises(FAILURES):
        await knock(broker, tls(broker, broker.client_cert("guest")))


async def test_another_authoritys_certificate_is_refused(broker: RenderedBroker, tmp_path: Path) -> None:
    certificate = Authority("stranger", 1).issue("source-1").write(tmp_path, "source-1")

    with pytest.raises(FAILURES):
        await knock(broker, tls(broker, certificate))


async def test_a_password_is_no_way_in(broker: RenderedBroker) -> None:
    with pytest.raises(FAILURES):
        await knock(broker, tls(broker, broker.client_cert("source-1")), auth="plain")


def test_there_is_no_guest_and_nobody_may_configure(broker: RenderedBroker) -> None:
    users = {line.split("\t")[0] for line in broker.control("list_users", "-q", "--no-table-headers").splitlines()}
    permissions = broker.control("list_permissions", "-q", "--no-table-headers", "-p", "handover").splitlines()

    assert users == {*broker.topology.producers, *broker.topology.workers, "monitor"}
    assert {line.split("\t")[1] for line in permissions} == {"^$"}


async def test_a_broker_with_another_authoritys_certificate_is_not_spoken_to(
    broker: RenderedBroker, tmp_path: Path
) -> None:
    settings = broker.settings("source-1")
    stranger = Authority("stranger", 1).write(tmp_path)
    context = AmqpSettings(**{**settings.model_dump(), "ca_file": stranger}).tls()

    with pytest.raises(FAILURES):
        await knock(broker, context)


async def test_the_connection_says_nothing_about_the_machine(broker: RenderedBroker) -> None:
    bus = await AmqpBus.connect(broker.settings("source-1"), "handover")
    said = await asyncio.to_thread(broker.control, "list_connections", "-q", "user", "client_properties")
    await bus.close()

    assert "source-1" in said
    for word in ("python", "CPython", "aiormq", "Linux"):
        assert word.lower() not in said.lower()
