"""The main job on real parts: separate processes, RabbitMQ over TLS, PostgreSQL, the viewing station's command."""

import os
import random
import subprocess
import sys
from pathlib import Path

from tests.stack.people import JournalistClient, SourceClient, SourceFile, was_received
from tests.stack.system import System

MESSAGE = "Please look at page nine."
NAME = "Überweisung – копия.pdf"


def svs_open(system: System, files: list[Path], out: Path) -> subprocess.CompletedProcess[str]:
    """`svs open`, as typed on the station."""
    reading, writing = os.pipe()
    os.write(writing, system.svs_passphrase.encode() + b"\n")
    os.close(writing)
    command = [sys.executable, "-m", "svs", "open", *map(str, files), "--dir", str(system.svs_dir), "--out", str(out)]
    try:
        return subprocess.run(
            [*command, "--passphrase-fd", str(reading)],
            pass_fds=[reading],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        os.close(reading)


def test_a_submission_reaches_the_viewing_station_and_its_reply_reaches_the_source(
    system: System, tmp_path: Path
) -> None:
    content = random.Random(7).randbytes(3_000_001)
    with SourceClient(system.source_url) as source, JournalistClient(system) as journalist:
        journalist.log_in()

        assert was_received(source.send(MESSAGE, [SourceFile(NAME, content)]))
        source.sent()
        [listed] = journalist.sources()
        downloads = [journalist.download(item["id"], tmp_path) for item in journalist.items(listed["id"])]
        opened = svs_open(system, downloads, tmp_path / "opened")
        replied = journalist.reply(listed["id"], "Thank you. <Which> page?")
        assert source.codename is not None
        with SourceClient(system.source_url) as returned:
            returned.log_in(source.codename)
            replies = returned.replies()

    assert opened.returncode == 0, opened.stdout + opened.stderr
    assert MESSAGE in opened.stdout
    assert (tmp_path / "opened" / NAME).read_bytes() == content
    assert replied.status_code == 201, replied.text
    assert replies == ["Thank you. <Which> page?"]


def test_a_second_submission_joins_the_first_one_s_conversation(system: System) -> None:
    before = int(system.sql("SELECT count(*) FROM sealdrop.source"))

    with SourceClient(system.source_url) as source:
        assert was_received(source.send("One"))
        assert was_received(source.send("Two"))

    assert int(system.sql("SELECT count(*) FROM sealdrop.source")) == before + 1
