"""What the servers store opens in ten years with stock tools alone: `age`, then `unzip`."""

import json
import os
import subprocess
from pathlib import Path

from sealing.identities import X25519Identity
from sealing.recipients import HybridRecipient

from tests.integration.svs.samples import PASSPHRASE, SOURCE, new_station, seal_item


def run(*command: str | Path) -> bytes:
    return subprocess.run([*map(str, command)], check=True, capture_output=True, timeout=60).stdout


def test_an_item_opens_with_age_and_unzip(tmp_path: Path) -> None:
    """age 1.1.1, which Debian 12 carries, knows classic recipients only; the file's format is the same."""
    identity = X25519Identity.generate()
    content = os.urandom(200_000)
    (tmp_path / "item.age").write_bytes(seal_item(identity.recipient, content, name="Bericht.pdf").blob)
    (tmp_path / "key.txt").write_text(f"{identity}\n")

    run("age", "-d", "-i", tmp_path / "key.txt", "-o", tmp_path / "item.zip", tmp_path / "item.age")
    run("unzip", "-tq", tmp_path / "item.zip")

    assert run("unzip", "-p", tmp_path / "item.zip", "content/file.bin") == content
    manifest = json.loads(run("unzip", "-p", tmp_path / "item.zip", "manifest.json"))
    assert (manifest["name"], manifest["reply_recipient"]) == ("Bericht.pdf", str(SOURCE.recipient))


def test_the_stations_identity_is_a_file_of_age(tmp_path: Path) -> None:
    """`age -d` asks for a passphrase at a terminal only, so `script` gives it one."""
    station = new_station(tmp_path / "station", log_n=10)
    sealed, opened = tmp_path / "station" / "identity.age", tmp_path / "identity.txt"

    subprocess.run(
        ["script", "-qec", f"age -d -o {opened} {sealed}", "/dev/null"],
        check=True,
        input=PASSPHRASE.encode() + b"\n",
        capture_output=True,
        timeout=60,
    )

    public, secret = opened.read_text().splitlines()
    assert secret == str(station.identity)
    assert isinstance(station.recipient, HybridRecipient)
    assert public == f"# public key: {station.recipient}"
