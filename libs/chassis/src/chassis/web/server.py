"""Runs one ASGI app until told to stop: on a unix socket (behind tor) or a loopback port (demo, tests)."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import model_validator
from starlette.types import ASGIApp
from uvicorn import Config, Server

from chassis.errors import ChassisError
from chassis.settings import Settings
from chassis.web.protocol import Guard, guarded

_LIBRARIES: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "python_multipart", "fastapi")
_BACKLOG: Final = 512


class Listen(Settings):
    """Where to listen: the path of a unix socket, or a loopback host and port."""

    socket: Path | None = None
    socket_mode: int = 0o660  #: tor's user is in our group
    host: str = "127.0.0.1"
    port: int | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Listen":
        if (self.socket is None) == (self.port is None):
            raise ValueError("either socket or port")
        return self

    @classmethod
    def parse(cls, text: str) -> "Listen":
        """From one line of a settings file: a path, or "address:port". Errors: ValueError."""
        if "/" in text:
            return cls(socket=Path(text))
        host, _, port = text.rpartition(":")
        return cls(host=host.strip("[]") or "127.0.0.1", port=int(port))


class ListenError(ChassisError):
    """The address is taken, or not ours to take."""


class _QuietServer(Server):
    """Signals belong to `chassis.process`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def open_listener(listen: Listen) -> socket.socket:
    """The listening socket; early guests wait in its backlog.

    A stale unix socket file is replaced; its mode is right before anyone can connect. Errors: ListenError.
    """
    family = socket.AF_UNIX if listen.socket else socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    opened = socket.socket(family)
    try:
        _bind(opened, listen)
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise ListenError(f"cannot listen ({type(error).__name__})") from None
    return opened


def _bind(opened: socket.socket, listen: Listen) -> None:
    if listen.socket is None:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((listen.host, listen.port or 0))
        return
    listen.socket.unlink(missing_ok=True)
    mask = os.umask(0o777)
    try:
        opened.bind(str(listen.socket))
    finally:
        os.umask(mask)
    listen.socket.chmod(listen.socket_mode)


async def serve(app: ASGIApp, listener: socket.socket, guard: Guard, stop: asyncio.Event, grace: float = 5.0) -> None:
    """Returns after `stop`, when requests under way have ended or `grace` seconds are over."""
    for name in _LIBRARIES:
        logging.getLogger(name).disabled = True
        logging.getLogger(name).propagate = False
    logging.getLogger("python_multipart.multipart").disabled = True  # quotes bytes it cannot parse
    config = Config(
        app,
        http=guarded(guard),
        ws="none",
        lifespan="off",
        loop="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=max(1, round(grace)),
    )
    server = _QuietServer(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await running
    finally:
        stopping.cancel()
        server.should_exit = True
        running.cancel()
        await asyncio.gather(running, stopping, return_exceptions=True)
