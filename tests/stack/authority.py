"""The test run's own certificate authority: one directory of client certificates, made when first asked for."""

import shutil
from pathlib import Path

from ctl.certificates import Authority

from tests.stack.process import give_to_server, server_directory

VALID_DAYS = 2


class TestAuthority:
    """Certificates for the test servers and their clients."""

    __test__ = False  # a name that starts with Test, but no test class

    def __init__(self) -> None:
        self.directory = server_directory("ca")
        self._authority = Authority("sealdrop test", VALID_DAYS)
        self.ca_file = self._authority.write(self.directory)
        self._clients: dict[str, tuple[Path, Path]] = {}

    def server_cert(self, name: str, directory: Path) -> tuple[Path, Path]:
        """Writes ca.crt, `<name>.crt` and `<name>.key` for a loopback server into its directory."""
        ca_file = self._authority.write(directory)
        certificate, key = self._authority.issue(name, ("localhost", "127.0.0.1")).write(directory, name)
        give_to_server(ca_file, certificate, key)
        return certificate, key

    def client_cert(self, name: str) -> tuple[Path, Path]:
        """Certificate and key file whose common name is `name`."""
        if name not in self._clients:
            self._clients[name] = self._authority.issue(name).write(self.directory, name)
        return self._clients[name]

    def close(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
