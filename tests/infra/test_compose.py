"""compose.yaml as an operator runs it: hardened, walled off, and able to take a submission."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import docker  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
import testinfra  # type: ignore[import-untyped]  # it ships no types
from sealing.age import open_bytes
from sealing.item import open_item_bytes
from svs.station import Station

from tests.infra.conftest import Compose
from tests.stack.people import JournalistClient, SourceClient, SourceFile, was_received

SERVICES = ("source-api", "journalist-api", "crypto-worker", "monitor-agent", "database", "broker")
OWN = SERVICES[:4]
PYTHON_C = "/opt/sealdrop/bin/python -c %s"  # testinfra quotes what it fills in
REFUSED_BY_WORKER = ("fastapi", "starlette", "uvicorn", "jinja2", "python_multipart", "multipart")


def inspect(compose: Compose, service: str) -> dict[str, Any]:
    """What the engine says of a service's container, by its API."""
    with docker_client(compose) as engine:
        attributes: dict[str, Any] = engine.containers.get(f"sealdrop-{service}-1").attrs
    return attributes


@contextmanager
def docker_client(compose: Compose) -> Iterator[docker.DockerClient]:
    engine = docker.DockerClient(base_url=compose.environment["DOCKER_HOST"])
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture
def inside(compose: Compose, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A testinfra host for a service's container."""
    monkeypatch.setenv("DOCKER_HOST", compose.environment["DOCKER_HOST"])
    monkeypatch.setenv("PATH", compose.environment["PATH"])
    return lambda service: testinfra.get_host(f"docker://sealdrop-{service}-1")


def test_a_submission_and_its_reply_go_all_the_way(compose: Compose) -> None:
    source_door = httpx.HTTPTransport(uds=compose.source_socket)
    journalist_door = httpx.HTTPTransport(uds=compose.journalist_socket)
    with (
        SourceClient(compose.source_url, transport=source_door) as source,
        JournalistClient(compose, transport=journalist_door) as journalist,
    ):
        journalist.log_in()
        assert was_received(source.send("From a container.", [SourceFile("a.bin", bytes(300_000))]))
        source.sent()
        [listed] = journalist.sources()
        paths = [journalist.download(item["id"], compose.directory) for item in journalist.items(listed["id"])]
        assert journalist.reply(listed["id"], "Read.").status_code == 201
        assert source.codename is not None
        assert source.replies() == ["Read."]

    identity = Station(compose.svs_dir).unlock(compose.svs_passphrase)
    opened = [open_item_bytes(open_bytes(path.read_bytes(), [identity]))[1] for path in paths]
    assert sorted(opened, key=len) == [b"From a container.", bytes(300_000)]


@pytest.mark.parametrize("service", SERVICES)
def test_a_container_has_no_rights_it_does_not_need(compose: Compose, inside: Any, service: str) -> None:
    host = inspect(compose, service)["HostConfig"]
    status = inside(service).file("/proc/1/status").content_string

    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert not host["PortBindings"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert "CapEff:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Seccomp:\t2" in status
    assert inside(service).user().uid > 0


@pytest.mark.parametrize("service", OWN)
def test_a_service_cannot_write_outside_its_state(inside: Any, service: str) -> None:
    host = inside(service)

    for path in ("/tmp/x", "/opt/sealdrop/x", "/etc/sealdrop/x", "/x", "/var/tmp/x"):
        assert host.run("touch %s", path).rc != 0, path


def test_the_worker_s_image_holds_no_web_server(inside: Any) -> None:
    host = inside("crypto-worker")

    for module in REFUSED_BY_WORKER:
        assert host.run(PYTHON_C, f"import {module}").rc != 0, module
    assert host.run(PYTHON_C, "import crypto_worker.app").rc == 0


def test_a_service_reaches_the_hub_and_not_its_peers_nor_the_host(compose: Compose, inside: Any) -> None:
    addresses = {service: _addresses(compose, service) for service in SERVICES}

    with _listening() as port:
        for service in OWN:
            host = inside(service)
            assert _reaches(host, "broker", 5671), service
            for gateway in _host_addresses():
                assert not _reaches(host, gateway, port), (service, gateway)
            for peer in OWN:
                for address in addresses[peer] if peer != service else ():
                    assert not _is_routed(host, address), (service, peer)
    assert not _reaches(inside("monitor-agent"), "database", 5432)


def test_no_service_has_a_default_route(inside: Any) -> None:
    for service in OWN:
        routes = inside(service).file("/proc/net/route").content_string.splitlines()[1:]
        assert all(line.split()[1] != "00000000" for line in routes), service


def _addresses(compose: Compose, service: str) -> list[str]:
    networks = inspect(compose, service)["NetworkSettings"]["Networks"]
    return [network["IPAddress"] for network in networks.values()]


def _reaches(host: Any, address: str, port: int) -> bool:
    code = f"import socket; socket.create_connection(({address!r}, {port}), 2)"
    return bool(host.run(PYTHON_C, code).rc == 0)


def _is_routed(host: Any, address: str) -> bool:
    """True when the kernel would send a packet there."""
    code = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(({address!r}, 9))"
    return bool(host.run(PYTHON_C, code).rc == 0)


def _host_addresses() -> list[str]:
    """Every address of this machine but loopback."""
    found = []
    for line in Path("/proc/net/fib_trie").read_text().splitlines():
        if line.strip().startswith("|--"):
            address = line.split()[-1]
        elif "/32 host LOCAL" in line and not address.startswith("127."):
            found.append(address)
    return sorted(set(found))


@contextmanager
def _listening() -> Iterator[int]:
    """A port of this machine that takes connections on every address."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()
        thread = threading.Thread(target=_accept, args=(server, stop))
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stop.set()
            thread.join()


def _accept(server: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            server.accept()[0].close()
        except TimeoutError:
            continue


def test_settings_hold_paths_of_secrets_and_no_secret(compose: Compose) -> None:
    settings = [path.read_text() for path in compose.installation.glob("*/settings.toml")]
    secrets = [
        path.read_text().strip() for path in compose.installation.glob("*/*.key") if "BEGIN" not in path.read_text()
    ]

    assert len(settings) == 4
    assert len(secrets) >= 8
    assert not any(secret in text for secret in secrets for text in settings)
    assert json.loads((compose.installation / "journalist-api" / "pins.json").read_text())["demo"] is False
