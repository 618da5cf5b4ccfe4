"""A socat between a unix socket and the broker's TLS port: it holds the client certificate, the service holds none."""

from pathlib import Path

from tests.stack.process import require_tool, start, stop, wait_until


class Relay:
    """One relay; it takes any number of connections."""

    def __init__(self, path: Path, port: int, ca_file: Path, client: tuple[Path, Path]) -> None:
        self.path = path
        self._port, self._ca_file, self._client = port, ca_file, client
        self.start()

    def start(self) -> None:
        certificate, key = self._client
        files = f"cert={certificate},key={key},cafile={self._ca_file}"
        tls = f"{files},verify=1,commonname=localhost,openssl-min-proto-version=TLS1.3"
        log = self.path.with_suffix(".log")
        listen = f"UNIX-LISTEN:{self.path},fork,mode=600,unlink-early"
        command = [require_tool("setpriv"), "--pdeathsig", "TERM", require_tool("socat")]
        self._process = start([*command, listen, f"OPENSSL:localhost:{self._port},{tls}"], log)
        wait_until(self.path.is_socket, self._process, log)

    def close(self) -> None:
        stop(self._process)
        self.path.unlink(missing_ok=True)
