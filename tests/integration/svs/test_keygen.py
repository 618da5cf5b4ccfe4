"""`svs keygen` as a person runs it, with the work factor as it is."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from sealing.digits import digit_groups
from sealing.keyset import open_keyset
from sealing.signing import SigningKey
from svs.seals import unprotect
from svs.station import Station

from tests.integration.svs.room import run
from tests.integration.svs.samples import PASSPHRASE


def command(directory: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "svs", "keygen", "--dir", str(directory), "--newsroom", "The Daily ☂", *words]


def passphrase_file(directory: Path) -> Path:
    path = directory / "passphrase"
    path.write_text(PASSPHRASE)
    path.chmod(0o600)
    return path


def test_a_new_station_has_its_keys_and_the_digits_to_compare(tmp_path: Path) -> None:
    station = tmp_path / "deep" / "station"
    words = ("--passphrase-file", str(passphrase_file(tmp_path)), "--generation", "3")

    ended = run(command(station, *words))

    assert (ended.returncode, ended.stderr) == (0, "")
    root_public = bytes.fromhex((station / "root.pub").read_text())
    blob = (station / "keyset.json").read_bytes()
    keyset = open_keyset(root_public, blob)
    assert (keyset.generation, keyset.newsroom, len(keyset.recipients)) == (3, "The Daily ☂", 1)
    assert Station(station).unlock(PASSPHRASE).recipient == keyset.recipients[0]
    assert (
        SigningKey(bytes.fromhex(unprotect((station / "root.age").read_bytes(), PASSPHRASE).decode())).public
        == root_public
    )
    for shown in (root_public.hex(), digit_groups(sha256(root_public).digest()), digit_groups(sha256(blob).digest())):
        assert shown in ended.stdout
    assert PASSPHRASE not in ended.stdout

    again = run(command(station, *words))
    assert again.returncode == 1
    assert "Nothing was changed" in again.stderr
    assert (station / "keyset.json").read_bytes() == blob


def test_the_identity_costs_a_thief_the_work_factor_of_age(tmp_path: Path) -> None:
    run(command(tmp_path / "station", "--passphrase-file", str(passphrase_file(tmp_path))))

    for name in ("identity.age", "root.age"):
        header = (tmp_path / "station" / name).read_bytes().split(b"\n")[1].split()
        assert header[:2] == [b"->", b"scrypt"]
        assert header[3] == b"18"


def test_a_passphrase_comes_from_a_descriptor_too(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)

    subprocess.run(
        command(tmp_path / "station", "--passphrase-fd", str(reading)),
        check=True,
        capture_output=True,
        pass_fds=(reading,),
        timeout=60,
    )
    os.close(reading)

    Station(tmp_path / "station").unlock(PASSPHRASE)


def test_nobody_at_the_keyboard_makes_nothing(tmp_path: Path) -> None:
    ended = run(command(tmp_path / "station"))

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "station").exists()


def test_a_generation_that_cannot_be_makes_nothing(tmp_path: Path) -> None:
    ended = run(command(tmp_path / "station", "--generation", "0", "--passphrase-file", str(passphrase_file(tmp_path))))

    assert ended.returncode == 1
    assert "No keys were made" in ended.stderr
    assert not (tmp_path / "station").exists()


def test_the_tool_brings_no_network_with_it() -> None:
    probe = "import sys, svs.cli; print([name for name in ('socket', 'asyncio', 'ssl', 'http') if name in sys.modules])"

    assert run([sys.executable, "-c", probe]).stdout == "[]\n"
