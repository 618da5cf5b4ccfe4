"""compose.yaml, built and up: on a Docker engine of this run's own, with a fresh installation."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyotp
import pytest
from svs.keygen import make_station
from svs.station import Station

REPOSITORY: Final = Path(__file__).parents[2]
ENGINE: Final = REPOSITORY / "deploy" / "build" / "engine.sh"
ENGINE_DIR: Final = Path("/var/lib/sealdrop-engine")  # kept between runs: its images are the cache
CA_BUNDLE: Final = Path("/etc/ssl/certs/ca-certificates.crt")
ADMIN: Final = (
    "postgresql://sealdrop_admin@database/sealdrop?sslmode=verify-full&sslrootcert=/etc/sealdrop/ca.crt"
    "&sslcert=/etc/sealdrop/database.crt&sslkey=/etc/sealdrop/database.key"
)


@dataclass(frozen=True, slots=True)
class Account:
    """As the operator's command printed it."""

    username: str
    passphrase: str
    totp_secret: str


class Compose:
    """One installation under `docker compose`."""

    journalist_url = "http://journalist"
    source_url = "http://source"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.installation = directory / "installation"
        self.svs_dir = directory / "svs"
        self.svs_passphrase = secrets.token_hex(16)
        self.environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(directory),
            "DOCKER_HOST": f"unix://{ENGINE_DIR}/docker.sock",
            "SEALDROP": str(self.installation),
            "SEALDROP_BUILD_CA": str(CA_BUNDLE) if CA_BUNDLE.exists() else "/dev/null",
        }
        self._prepare()

    @property
    def source_socket(self) -> str:
        return str(self.installation / "run" / "source" / "web.sock")

    @property
    def journalist_socket(self) -> str:
        return str(self.installation / "run" / "journalist" / "web.sock")

    def up(self) -> None:
        """Builds what changed, starts, waits for health, makes an account."""
        self.compose("build", "--quiet")
        self.compose("up", "--detach", "--wait", "--no-build")
        told = self.compose(
            "run", "--rm", "-T", "operator", "add-journalist", "ada", "--totp-key", "/etc/sealdrop/totp.key",
            "--database", ADMIN,
        )  # fmt: skip
        found = re.search(r"passphrase\s+(.+)\n\s*TOTP secret\s+(\S+)", told)
        assert found is not None, told
        self.journalist = Account("ada", found[1], found[2])

    def one_time_code(self) -> str:
        return pyotp.TOTP(self.journalist.totp_secret).now()

    def compose(self, *words: str) -> str:
        """Standard output; the test fails with what compose said when it fails."""
        return self.docker("compose", "--project-directory", str(REPOSITORY), *words)

    def docker(self, *words: str) -> str:
        run = subprocess.run(
            ["/usr/bin/docker", *words], env=self.environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert run.returncode == 0, f"docker {' '.join(words)}:\n{run.stdout[-3000:]}{run.stderr[-6000:]}"
        return run.stdout

    def down(self) -> None:
        self.compose("--profile", "operator", "down", "--volumes", "--timeout", "5")

    def _prepare(self) -> None:
        station = make_station(self.svs_dir, "The Compose Courier", 1, self.svs_passphrase, log_n=12)
        command = [sys.executable, str(REPOSITORY / "deploy/compose/prepare.py"), str(self.installation)]
        options = ["--keyset", str(self.svs_dir / "keyset.json"), "--root-key", station.root_public]
        run = subprocess.run(
            [*command, *options, "--newsroom", "The Compose Courier"], capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        found = re.search(r"--worker-key ([0-9a-f]{64})", run.stdout)
        assert found is not None, run.stdout
        self.worker_key = found[1]
        Station(self.svs_dir).pin_worker(self.worker_key)


@pytest.fixture(scope="session")
def compose() -> Iterator[Compose]:
    """Up for the whole run; everything but the images is removed at the end."""
    assert os.geteuid() == 0, "the compose tests start a Docker engine: run them as root"
    directory = Path(tempfile.mkdtemp(prefix="sealdrop-compose-"))
    directory.chmod(0o711)
    subprocess.run([ENGINE, "install"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([ENGINE, "start", ENGINE_DIR], check=True)
    try:
        made = Compose(directory)
        base = [REPOSITORY / "deploy/build/base.sh"]
        subprocess.run(base, env=made.environment, check=True, stdout=subprocess.DEVNULL)
        try:
            made.up()
            yield made
        finally:
            made.down()
    finally:
        subprocess.run([ENGINE, "stop", ENGINE_DIR], check=True)
        shutil.rmtree(directory, ignore_errors=True)
