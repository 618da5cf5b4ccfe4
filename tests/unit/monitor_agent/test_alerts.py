"""Alerts as a file of lines and as mail."""

import json
import stat
from pathlib import Path

import pytest
from monitor_agent.alerts import MAIL_COLUMNS, MAIL_LINES, FileSink, mail, when
from monitor_agent.heartbeat import Change
from monitor_agent.rules import RULES, Alert, Severity, Subject, alert

ALERT = alert(Change.SILENT, "worker-1", minute=29_402_346)


def test_a_minute_reads_as_utc() -> None:
    assert when(alert(Change.SILENT, "worker-1", minute=0)) == "1970-01-01 00:00 UTC"


def test_the_file_gains_one_line_of_json_per_alert(tmp_path: Path) -> None:
    sink = FileSink(tmp_path)

    sink.send(ALERT)
    sink.send(ALERT)

    lines = [json.loads(line) for line in sink.path.read_text().splitlines()]
    assert len(lines) == 2
    assert lines[0]["code"] == "silent"
    assert lines[0]["severity"] == "critical"
    assert lines[0]["service"] == "worker-1"
    assert set(lines[0]) == {
        "v", "when", "minute", "code", "service", "severity", "title", "happened", "meaning", "action", "count",
    }  # fmt: skip
    assert stat.S_IMODE(sink.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("subject", RULES)
@pytest.mark.parametrize(("service", "count"), [("a", 1), ("a-service-with-the-longest-name-x", 123_456_789)])
def test_every_mail_has_the_same_shape_on_the_wire(subject: Subject, service: str, count: int) -> None:
    message = mail(alert(subject, service, 29_000_000, count), "a@example.org", "b@example.org")

    lines = str(message.get_payload()).splitlines()
    assert len(lines) == MAIL_LINES
    assert {len(line) for line in lines} == {MAIL_COLUMNS}


def test_no_header_of_a_mail_tells_anything() -> None:
    message = mail(ALERT, "a@example.org", "b@example.org")

    assert dict(message.items()) == {
        "From": "a@example.org",
        "To": "b@example.org",
        "Subject": "Report",
        "Content-Type": 'text/plain; charset="us-ascii"',
        "Content-Transfer-Encoding": "7bit",
        "MIME-Version": "1.0",
    }


def test_a_mail_reads_in_plain_words() -> None:
    text = mail(ALERT, "a@example.org", "b@example.org").get_content()

    words = " ".join(text.split())
    assert words.startswith("CRITICAL: A service is silent")
    assert "What happened: Nothing has been heard from worker-1 for more than half a minute." in words
    assert "What to do: Start it, or its machine." in words


def test_a_text_that_does_not_fit_is_an_error_and_not_a_longer_mail() -> None:
    endless = Alert("x", "x", Severity.NOTICE, "x", "word " * 2000, "x", "x", 0)

    with pytest.raises(ValueError, match="too long"):
        mail(endless, "a@example.org", "b@example.org")
