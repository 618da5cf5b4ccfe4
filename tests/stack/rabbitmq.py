"""A private RabbitMQ for one test run: TLS 1.3 only, client certificates only, the definitions of a deployment.

It brings its own epmd (Erlang's port mapper), so that it meets no other Erlang on the machine and leaves none behind.
"""

import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from contract.topology import Topology

from deploy.rabbitmq.render import Place, write
from tests.stack.authority import TestAuthority
from tests.stack.process import (
    accepts,
    free_port,
    give_to_server,
    require_tool,
    run,
    server_directory,
    start,
    stop,
    unprivileged,
    wait_until,
)
from tests.stack.relay import Relay

TOPOLOGY = Topology(
    sources=("source-1", "source-2"), journalists=("journalist-1",), workers=("worker-1", "worker-2"), lanes=8
)


class RabbitServer:
    """One running broker."""

    host = "localhost"

    def __init__(self, authority: TestAuthority, topology: Topology = TOPOLOGY) -> None:
        self.authority = authority
        self.topology = topology
        self.directory = server_directory("rabbitmq")
        self.log = self.directory / "rabbitmq.log"
        self.port, self._epmd_port, self._dist_port = free_port(), free_port(), free_port()
        self._relays: list[Relay] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None
        self._write_files()
        self.start()

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    @property
    def pid(self) -> int:
        """The broker's (the Erlang machine's)."""
        assert self._process is not None
        return self._process.pid

    @property
    def data(self) -> Path:
        """Where the broker keeps queues on disk."""
        return self.directory / "mnesia"

    def client_cert(self, user: str) -> tuple[Path, Path]:
        """Certificate and key file of a broker user."""
        return self.authority.client_cert(user)

    def relay(self, user: str) -> Path:
        """A unix socket that leads to the broker with this user's certificate (socat), as on a hardened machine."""
        path = self.directory / f"relay-{len(self._relays)}.sock"
        relay = Relay(path, self.port, self.ca_file, self.client_cert(user))
        self._relays.append(relay)
        return relay.path

    def start(self) -> None:
        """Starts the broker on the same data and ports; returns when it takes connections."""
        if self._epmd is None:
            epmd = [require_tool("epmd"), "-port", str(self._epmd_port), "-address", "127.0.0.1"]
            self._epmd = start(unprivileged(epmd), self.directory / "epmd.log")
            wait_until(lambda: accepts(self._epmd_port), self._epmd, self.directory / "epmd.log")
        self._process = start(unprivileged([require_tool("rabbitmq-server")]), self.log, self._environment())
        wait_until(lambda: accepts(self.port), self._process, self.log)

    def kill(self) -> None:
        """A crash: SIGKILL to the broker."""
        assert self._process is not None
        stop(self._process, signal.SIGKILL)

    def restart(self) -> None:
        """Starts again after `kill`, or stops first."""
        assert self._process is not None
        stop(self._process)
        self.start()

    def control(self, *words: str) -> str:
        """Runs `rabbitmqctl`, e.g. ("list_queues", "-q", "-p", "handover", "name", "messages")."""
        command = unprivileged([require_tool("rabbitmqctl"), "-n", self._node, *words])
        return run(command, self.directory, self._environment())

    def close(self) -> None:
        for relay in self._relays:
            relay.close()
        for process in (self._process, self._epmd):
            if process is not None:
                stop(process)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _node(self) -> str:
        return f"sealdrop{self.port}@localhost"

    def _write_files(self) -> None:
        """The files of a deployment, by its own renderer; only the port and the disk limit are a test's."""
        self.authority.server_cert("rabbitmq", self.directory)
        place = Place(self.directory, self.directory, listen=f"127.0.0.1:{self.port}", disk_free="100MB")
        write(self.topology, place, self.directory)
        (self.directory / ".erlang.cookie").write_text(secrets.token_hex(32))
        for name in ("rabbitmq.conf", "definitions.json", "enabled_plugins", ".erlang.cookie"):
            (self.directory / name).chmod(0o600)
            give_to_server(self.directory / name)

    def _environment(self) -> dict[str, str]:
        here = self.directory
        loopback = "-kernel inet_dist_use_interface {127,0,0,1}"
        return {
            "HOME": str(here),
            "RUNNING_UNDER_SYSTEMD": "true",  # the start script then becomes the broker: one process, one pid
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{loopback} +S 2:2 +sbwt none",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
        }
