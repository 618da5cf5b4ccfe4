"""Mail over a real connection, to a small SMTP server of our own."""

import io
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from monitor_agent.alerts import MailSink
from monitor_agent.heartbeat import Change
from monitor_agent.rules import alert
from monitor_agent.settings import Smtp

from tests.stack.authority import TestAuthority

ALERT = alert(Change.SILENT, "worker-1", 29_000_000)


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail, with STARTTLS when it has a certificate; remembers commands and messages."""

    daemon_threads = False  # closing waits for the conversations

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), MailTalk)
        self.context = context
        self.commands: list[str] = []
        self.messages: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class MailTalk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: MailServer

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline():
            command = line.decode().strip()
            self.server.commands.append(command)
            if command == "QUIT":
                self.say("221 bye")
                return
            self.answer(command.split()[0].upper())

    def answer(self, verb: str) -> None:
        if verb == "EHLO" and self.server.context is not None and not isinstance(self.request, ssl.SSLSocket):
            self.say("250-hello")
            self.say("250 STARTTLS")
        elif verb == "STARTTLS":
            self.upgrade()
        elif verb == "DATA":
            self.say("354 go on")
            self.server.messages.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.say("250 taken")
        else:
            self.say("250 fine")

    def upgrade(self) -> None:
        assert self.server.context is not None
        self.say("220 begin")
        try:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        except ssl.SSLError:
            self.rfile = io.BytesIO()  # the other side has gone: nothing more to read
            return
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb")

    def finish(self) -> None:
        """After STARTTLS the socket is one that socketserver does not know, and would leave open."""
        super().finish()
        self.request.close()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[MailServer]:
    with MailServer(context) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def smtp(port: int, *, ca_file: Path | None = None, starttls: bool = False) -> Smtp:
    return Smtp(
        host="localhost",
        port=port,
        starttls=starttls,
        ca_file=ca_file,
        sender="monitor@example.org",
        recipient="admin@example.org",
        accept_unencrypted=True,
    )


def test_a_mail_arrives_and_says_nothing_about_the_machine_that_sent_it() -> None:
    with serving() as server:
        MailSink(smtp(server.port)).send(ALERT)
        MailSink(smtp(server.port)).send(alert(Change.BLIND, "monitor", 0))

    assert server.commands[0].lower() == "ehlo localhost"
    first, second = server.messages
    assert len(first) == len(second)
    head, body = first.split(b"\r\n\r\n", 1)
    assert {line.split(b":")[0] for line in head.split(b"\r\n")} == {
        b"From", b"To", b"Subject", b"Content-Type", b"Content-Transfer-Encoding", b"MIME-Version",
    }  # fmt: skip
    assert b"Nothing has been heard from worker-1" in body


def test_a_mail_goes_through_starttls(authority: TestAuthority, tmp_path: Path) -> None:
    certificate, key = authority.server_cert("mail", tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    with serving(context) as server:
        MailSink(smtp(server.port, ca_file=authority.ca_file, starttls=True)).send(ALERT)

    assert "STARTTLS" in server.commands
    assert len(server.messages) == 1


def test_a_server_without_starttls_gets_no_mail() -> None:
    with serving() as server, pytest.raises(OSError, match="STARTTLS"):
        MailSink(smtp(server.port, starttls=True)).send(ALERT)

    assert server.messages == []


def test_a_server_we_cannot_verify_gets_no_mail(authority: TestAuthority, tmp_path: Path) -> None:
    certificate, key = authority.server_cert("mail", tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    with serving(context) as server, pytest.raises(OSError, match="certificate"):
        MailSink(smtp(server.port, starttls=True)).send(ALERT)

    assert server.messages == []
