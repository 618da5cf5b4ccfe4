"""A line to the broker: TLS 1.3 with a client certificate, or the unix socket of a relay that does TLS for us.

The line connects again by itself. It restores nothing: channels, consumers and transfers of the lost connection are
failures their owners must see, and a service has no right to declare anything anyway.
"""

import asyncio
import ssl
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

from aio_pika import Channel, RobustConnection
from aio_pika.abc import UnderlayConnection
from aiormq.abc import AbstractChannel
from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError, ChannelInvalidStateError
from pydantic import model_validator
from yarl import URL

from chassis.amqp_errors import bus_errors
from chassis.settings import Settings

_HEARTBEAT_SECONDS: Final = 10
_CONNECT_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 3.0
_RECONNECT_SECONDS: Final = 1.0
_BUFFER_BYTES: Final = 1024 * 1024  #: of the unix socket's reader: a few frames, so that reading rarely stops

#: What we tell the broker about ourselves: nothing. aiormq would name the Python build.
_ANONYMOUS: Final = {
    "product": "sealdrop",
    "platform": "",
    "version": "",
    "information": "",
    "connection_name": "sealdrop",
}


class AmqpSettings(Settings):
    """Where the broker is: host, port and three files, or the socket of a local relay."""

    host: str | None = None
    port: int = 5671
    ca_file: Path | None = None
    cert_file: Path | None = None  #: its common name is our user name
    key_file: Path | None = None
    relay_socket: Path | None = None
    confirm_seconds: float = 8.0  #: a publish without confirmation for longer has failed

    @model_validator(mode="after")
    def _one_way(self) -> "AmqpSettings":
        if (self.host is None) == (self.relay_socket is None):
            raise ValueError("either host or relay_socket")
        if self.host is not None and None in (self.ca_file, self.cert_file, self.key_file):
            raise ValueError("a host needs ca_file, cert_file and key_file")
        return self

    def tls(self) -> ssl.SSLContext | None:
        """None behind a relay."""
        if self.host is None:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(str(self.cert_file), str(self.key_file))
        return context

    def url(self, vhost: str) -> URL:
        """For aio-pika. Says EXTERNAL: the certificate is the only credential."""
        query = {"auth": "external", "heartbeat": str(_HEARTBEAT_SECONDS)}
        scheme, host = ("amqp", "relay") if self.host is None else ("amqps", self.host)
        return URL.build(scheme=scheme, host=host, port=self.port, path=f"/{vhost}", query=query)


class RelayTransport(TransportFactory):
    """Connects to the relay's unix socket whatever the address says."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def create(self, url: URL, **_: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Errors: AMQPConnectionError."""
        try:
            return await asyncio.open_unix_connection(str(self._socket), limit=_BUFFER_BYTES)
        except OSError:
            raise AMQPConnectionError("the relay does not answer") from None


class Line:
    """One connection that comes back."""

    def __init__(self, settings: AmqpSettings, vhost: str) -> None:
        options: dict[str, Any] = {"reconnect_interval": _RECONNECT_SECONDS, "fail_fast": False}
        self._connection = RobustConnection(
            settings.url(vhost), ssl_context=settings.tls(), client_properties=dict(_ANONYMOUS), **options
        )
        if settings.relay_socket is not None:
            # RobustConnection has no parameter for it, but hands its kwargs to aiormq at every attempt.
            self._connection.kwargs["transport_factory"] = RelayTransport(settings.relay_socket)

    async def start(self, seconds: float) -> None:
        """Begin to connect; return when connected, or after `seconds` all the same (it goes on trying)."""
        try:
            async with asyncio.timeout(seconds):
                await self._connection.connect(timeout=_CONNECT_SECONDS)
        except TimeoutError:
            return

    @property
    def is_up(self) -> bool:
        """Connected, and the broker does not say `connection.blocked`."""
        transport = self._transport
        return transport is not None and not transport.connection.is_closed and _is_ready(transport.ready())

    async def wait_connected(self) -> None:
        """Returns as soon as there is a connection."""
        await self._connection.connected.wait()

    async def channel(self) -> AbstractChannel:
        """A new channel, confirming, on which an unroutable message raises. Errors: Refused, BusDown."""
        async with bus_errors(_CONNECT_SECONDS):
            if self._transport is None or not self._connection.connected.is_set():
                raise ChannelInvalidStateError("not connected")
            # `on_return_raises` is False by default: a message for a queue that has gone would look delivered.
            # A plain Channel, not a robust one: that would declare and consume again behind our back.
            channel = Channel(self._connection, publisher_confirms=True, on_return_raises=True)
            await channel.initialize()
            return await channel.get_underlay_channel()

    async def close(self) -> None:
        """For good."""
        async with bus_errors(_CLOSE_SECONDS):
            await self._connection.close()

    @property
    def _transport(self) -> UnderlayConnection | None:
        return self._connection.transport


def _is_ready(question: Awaitable[Any]) -> bool:
    """Would this return without waiting? aiormq says "blocked by the broker" in no other way."""
    step = question.__await__()
    try:
        next(step)
    except StopIteration:
        return True
    step.close()
    return False
