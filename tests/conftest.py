"""Servers that tests share, started when a test first asks for one and stopped when the run ends."""

from collections.abc import Iterator

import pytest

from tests.stack.authority import TestAuthority
from tests.stack.postgres import PostgresServer
from tests.stack.rabbitmq import RabbitServer


@pytest.fixture(scope="session")
def authority() -> Iterator[TestAuthority]:
    """The test run's certificate authority."""
    made = TestAuthority()
    yield made
    made.close()


@pytest.fixture(scope="session")
def postgres(authority: TestAuthority) -> Iterator[PostgresServer]:
    """A private PostgreSQL server."""
    server = PostgresServer(authority)
    yield server
    server.close()


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """The name of a fresh, migrated database, for one test."""
    name = postgres.new_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def rabbitmq(authority: TestAuthority) -> Iterator[RabbitServer]:
    """A private RabbitMQ broker with the test topology (tests.stack.rabbitmq.TOPOLOGY)."""
    server = RabbitServer(authority)
    yield server
    server.close()
