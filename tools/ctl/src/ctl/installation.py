"""A new installation: keys, certificates and a settings file for each service, in one directory per machine.

Theory: every secret is drawn here, written once into the directory of the service that needs it, and never again
anywhere else; what the others need is its public half. The certificate authority's key is not written at all:
new certificates mean a new authority, which is one command. The newsroom's root key and the SVS identity are
not ours to make: the SVS made them, and its signed keyset is copied to whoever must verify it.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sealing.signing import SigningKey

from ctl.certificates import Authority
from ctl.toml import to_toml

SOURCE: Final = "source-1"
JOURNALIST: Final = "journalist-1"
WORKER: Final = "worker-1"
MONITOR: Final = "monitor"
ROOMS: Final = {SOURCE: "source-api", JOURNALIST: "journalist-api", WORKER: "crypto-worker", MONITOR: "monitor-agent"}
ROLES: Final = {SOURCE: "sealdrop_source", JOURNALIST: "sealdrop_journalist", WORKER: "sealdrop_worker"}
OPERATOR: Final = "operator"
ADMIN_ROLE: Final = "sealdrop_admin"
SIGNERS: Final = (SOURCE, JOURNALIST, WORKER)
TLS_DAYS: Final = 825


@dataclass(frozen=True, slots=True)
class Places:
    """Where things will be found by the services, which may see another file system than we do."""

    settings: Mapping[str, str]  #: name of a service -> the directory we write, as that service sees it
    state: Mapping[str, str]  #: name of a service -> a directory it may write
    listen: Mapping[str, str]  #: name of a web service -> unix socket or address:port
    spa: str
    tls: bool  #: False: one process with a bus inside, or relays; then the settings name no broker
    broker: str = "broker"
    database: str = "database"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to install. `keyset` is the signed file; `root_public_key` hexadecimal."""

    directory: Path
    keyset: Path
    root_public_key: str
    newsroom: str
    deployment: str
    places: Places
    demo: bool = False


class Installation:
    """Draws all keys when made; `write` puts them where they belong."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._signing = {name: SigningKey.generate() for name in SIGNERS}
        self._audit = {name: SigningKey.generate() for name in ROOMS if name != MONITOR}
        self._authority = Authority(plan.deployment, TLS_DAYS)

    @property
    def worker_key(self) -> str:
        """The worker's public key, hexadecimal: the SVS and the web app pin it."""
        return self._signing[WORKER].hex

    def pins(self, keyset_generation: int) -> dict[str, object]:
        """What the web app trusts: the content of its pins.json."""
        return {
            "demo": self._plan.demo,
            "keyset_generation": keyset_generation,
            "newsroom": self._plan.newsroom,
            "root_public_key": self._plan.root_public_key,
            "workers": {WORKER: self.worker_key},
        }

    def write(self) -> None:
        """Errors: FileExistsError rather than write over an installation."""
        self._plan.directory.mkdir(parents=True, exist_ok=True)
        for name, room in ROOMS.items():
            directory = self._plan.directory / room
            directory.mkdir(mode=0o700)
            for file, secret in self._secrets(name).items():
                write_secret(directory / file, secret)
            shutil.copy(self._plan.keyset, directory / "keyset.json")
            (directory / "settings.toml").write_text(to_toml(self._settings(name)), "utf-8")
            if self._plan.places.tls:
                self._write_client_certificates(directory, name)
        if self._plan.places.tls:
            self._write_server_certificates()
            self._write_operator()

    def _secrets(self, name: str) -> dict[str, bytes]:
        drawn = {"signing.key": self._signing, "audit.key": self._audit}
        files = {file: keys[name].seed for file, keys in drawn.items() if name in keys}
        own = {SOURCE: ("pepper.key", "form.key"), JOURNALIST: ("totp.key",)}.get(name, ())
        return files | {file: secrets.token_bytes(32) for file in own}

    def _settings(self, name: str) -> dict[str, object]:
        build = {
            SOURCE: self._source,
            JOURNALIST: self._journalist,
            WORKER: self._worker,
            MONITOR: self._monitor,
        }[name]
        return build() | (self._connections(name) if self._plan.places.tls else {})

    def _source(self) -> dict[str, object]:
        return self._producer(SOURCE) | {
            "deployment_id": self._plan.deployment,
            "pepper_file": self._seen(SOURCE, "pepper.key"),
            "form_key_file": self._seen(SOURCE, "form.key"),
            "newsroom": self._plan.newsroom,
        }

    def _journalist(self) -> dict[str, object]:
        return self._producer(JOURNALIST) | {
            "totp_key_file": self._seen(JOURNALIST, "totp.key"),
            "spa_dir": self._plan.places.spa,
        }

    def _producer(self, name: str) -> dict[str, object]:
        return {
            "name": name,
            "listen": self._plan.places.listen[name],
            "signing_key_file": self._seen(name, "signing.key"),
            "audit_key_file": self._seen(name, "audit.key"),
            "root_public_key": self._plan.root_public_key,
            "keyset_file": self._seen(name, "keyset.json"),
            "demo": self._plan.demo,
            "workers": {WORKER: self._signing[WORKER].hex},
        }

    def _worker(self) -> dict[str, object]:
        return {
            "name": WORKER,
            "identity_key_file": self._seen(WORKER, "signing.key"),
            "audit_key_file": self._seen(WORKER, "audit.key"),
            "root_public_key": self._plan.root_public_key,
            "keyset_file": self._seen(WORKER, "keyset.json"),
            "state_dir": self._plan.places.state[WORKER],
            "producers": {
                "submissions": {SOURCE: self._signing[SOURCE].hex},
                "replies": {JOURNALIST: self._signing[JOURNALIST].hex},
            },
        }

    def _monitor(self) -> dict[str, object]:
        keys = {name: key.hex for name, key in self._audit.items()}
        return {"state_dir": self._plan.places.state[MONITOR], "services": keys}

    def _connections(self, name: str) -> dict[str, object]:
        broker = {"host": self._plan.places.broker} | self._certificate(name, "broker")
        if name not in ROLES:
            return {"broker": broker}
        database = {"host": self._plan.places.database, "user": ROLES[name], "database": "sealdrop"}
        return {"broker": broker, "database": database | self._certificate(name, "database")}

    def _certificate(self, name: str, peer: str) -> dict[str, object]:
        files = {"ca_file": "ca.crt", "cert_file": f"{peer}.crt", "key_file": f"{peer}.key"}
        return {setting: self._seen(name, file) for setting, file in files.items()}

    def _write_operator(self) -> None:
        """What `sealdrop add-journalist` needs: the administrator's certificate, and a copy of the TOTP key."""
        directory = self._plan.directory / OPERATOR
        directory.mkdir(mode=0o700)
        self._authority.write(directory)
        self._authority.issue(ADMIN_ROLE).write(directory, "database")
        shutil.copy(self._plan.directory / ROOMS[JOURNALIST] / "totp.key", directory / "totp.key")

    def _write_client_certificates(self, directory: Path, name: str) -> None:
        self._authority.write(directory)
        self._authority.issue(name).write(directory, "broker")
        if name in ROLES:
            self._authority.issue(ROLES[name]).write(directory, "database")

    def _write_server_certificates(self) -> None:
        """Under the names deploy/rabbitmq and deploy/postgres expect."""
        hosts = {"broker": ("rabbitmq", self._plan.places.broker), "database": ("server", self._plan.places.database)}
        for room, (file, host) in hosts.items():
            directory = self._plan.directory / room / "tls"
            directory.mkdir(mode=0o700, parents=True)
            self._authority.write(directory)
            self._authority.issue(host, (host, "localhost")).write(directory, file)

    def _seen(self, name: str, file: str) -> str:
        return f"{self._plan.places.settings[name]}/{file}"


def write_secret(path: Path, secret: bytes) -> None:
    """Hexadecimal, mode 0600, never over an existing file. Errors: FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret.hex() + "\n")
