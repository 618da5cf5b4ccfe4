"""Where alerts go: a file of JSON lines (always), and mail.

A mail's headers and size say nothing: one subject for all, neutral sender and message id, a body of constant length.
It is not encrypted yet, so the settings must accept that in writing (`Smtp.accept_unencrypted`).
"""

import json
import os
import smtplib
import ssl
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from monitor_agent.rules import Alert
from monitor_agent.settings import Smtp
from monitor_agent.store import sync_directory

MAIL_LINES: Final = 40
MAIL_COLUMNS: Final = 72  #: far below what a mail server would re-code
MAIL_SUBJECT: Final = "Report"  #: constant: the subject of a mail is seen by everybody on its way
_SMTP_TIMEOUT_SECONDS: Final = 30.0


class Sink(Protocol):
    """Takes one alert; blocking, called in a thread. Raises OSError (smtplib's errors are OSErrors) when it failed."""

    def send(self, alert: Alert) -> None: ...


def when(alert: Alert) -> str:
    """The alert's minute as text, UTC."""
    return datetime.fromtimestamp(alert.minute * 60, UTC).strftime("%Y-%m-%d %H:%M UTC")


class FileSink:
    """Appends to `alerts.jsonl` in the state directory: one JSON object a line, on the disk when `send` returns."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "alerts.jsonl"

    def send(self, alert: Alert) -> None:
        line = json.dumps({"v": 1, "when": when(alert), **asdict(alert)}) + "\n"
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_directory(self.path.parent)


class MailSink:
    """Sends over SMTP with STARTTLS, or over a loopback relay (tor) without."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp

    def send(self, alert: Alert) -> None:
        # The name said in EHLO is constant: smtplib would send this machine's own.
        with smtplib.SMTP(
            self._smtp.host, self._smtp.port, local_hostname="localhost", timeout=_SMTP_TIMEOUT_SECONDS
        ) as server:
            if self._smtp.starttls:
                server.starttls(context=ssl.create_default_context(cafile=self._smtp.ca_file))
            if self._smtp.user and self._smtp.password_file:
                server.login(self._smtp.user, self._smtp.password_file.read_text("utf-8").strip())
            server.send_message(mail(alert, self._smtp.sender, self._smtp.recipient))


def mail(alert: Alert, sender: str, recipient: str) -> EmailMessage:
    """The message. Its body is MAIL_LINES lines of MAIL_COLUMNS characters, whatever it says."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, MAIL_SUBJECT
    message.set_content(_block(_paragraphs(alert)), cte="7bit", charset="us-ascii")
    return message


def _paragraphs(alert: Alert) -> Iterator[str]:
    yield f"{alert.severity.value.upper()}: {alert.title}"
    yield f"{when(alert)}, {alert.service}" + (f", {alert.count} times" if alert.count > 1 else "")
    for heading, text in (
        ("What happened", alert.happened),
        ("What it means", alert.meaning),
        ("What to do", alert.action),
    ):
        yield ""
        yield f"{heading}:"
        yield text


def _block(paragraphs: Iterable[str]) -> str:
    """Each line filled up with spaces, and empty lines up to the last. Errors: ValueError when it does not fit."""
    lines = [line for paragraph in paragraphs for line in textwrap.wrap(paragraph, MAIL_COLUMNS) or [""]]
    if len(lines) > MAIL_LINES:
        raise ValueError("an alert's text is too long")
    lines += [""] * (MAIL_LINES - len(lines))
    return "".join(line.ljust(MAIL_COLUMNS) + "\n" for line in lines)
