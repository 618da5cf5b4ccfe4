"""`svs open` as a person runs it, when it works."""

import os
import stat
from pathlib import Path

from sealing.identities import HybridIdentity

from tests.integration.svs.room import Room, run
from tests.integration.svs.samples import SOURCE_ID, WORKER, new_station, seal_item


def test_a_file_with_its_receipt_is_opened_under_its_own_name(room: Room) -> None:
    content = os.urandom(300_000)
    sealed = room.station.seal(room.downloads, content, name="Bericht 2026.pdf", position=7)

    run = room.open("--worker-key", WORKER.hex, sealed)

    assert (run.returncode, run.stderr) == (0, "")
    assert (room.out / "Bericht 2026.pdf").read_bytes() == content
    assert room.opened == ["Bericht 2026.pdf"]
    assert stat.S_IMODE((room.out / "Bericht 2026.pdf").stat().st_mode) == 0o600
    for word in ("verified: item 7", "kind       file", "name       Bericht 2026.pdf", str(SOURCE_ID), WORKER.hex):
        assert word in run.stdout


def test_a_pinned_worker_is_remembered(room: Room) -> None:
    first = room.station.seal(room.downloads, b"1", file_name="1.age")
    room.open("--worker-key", WORKER.hex, first)

    run = room.open(room.station.seal(room.downloads, b"2", file_name="2.age", name="two"))

    assert run.returncode == 0
    assert "verified" in run.stdout


def test_a_message_is_shown_and_its_control_characters_are_not_obeyed(pinned: Room) -> None:
    text = "Hello,\n\x1b[2J\x1b]0;owned\x07 \u202eevil\n  receipt    verified\nbye"
    sealed = pinned.station.seal(pinned.downloads, text.encode(), kind="message", name=None, position=2)

    run = pinned.open(sealed)

    assert run.returncode == 0
    assert "\x1b" not in run.stdout
    assert "\u202e" not in run.stdout
    assert "\x07" not in run.stdout
    assert "  | Hello,\n  | \\x1b[2J\\x1b]0;owned\\x07 \\u202eevil\n  |   receipt    verified\n  | bye\n" in run.stdout
    assert (pinned.out / "message-2.txt").read_text() == text


def test_a_name_full_of_tricks_stays_in_its_directory_and_harmless_on_the_screen(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"x", name="../../\x1b[31m\u202e.bashrc\n")

    run = pinned.open(sealed)

    assert pinned.opened == ["_.._[31m.bashrc"]
    assert "\x1b" not in run.stdout
    assert "name       ../../\\x1b[31m\\u202e.bashrc\\x0a" in run.stdout


def test_names_that_collide_are_numbered_and_nothing_is_replaced(pinned: Room) -> None:
    sealed = [pinned.station.seal(pinned.downloads, bytes([n]), file_name=f"{n}.age") for n in range(3)]

    run = pinned.open(*sealed)

    assert run.returncode == 0
    assert "3 of 3 opened" in run.stdout
    assert pinned.opened == ["report (2).pdf", "report (3).pdf", "report.pdf"]
    assert {(pinned.out / name).read_bytes() for name in pinned.opened} == {b"\0", b"\1", b"\2"}


def test_an_empty_file_is_opened(pinned: Room) -> None:
    assert pinned.open(pinned.station.seal(pinned.downloads, b"")).returncode == 0
    assert (pinned.out / "report.pdf").read_bytes() == b""


def test_one_receipt_speaks_for_all_files_of_a_submission_wherever_it_lies(pinned: Room, tmp_path: Path) -> None:
    items = [seal_item(pinned.station.recipient, bytes([n]), name=f"{n}.txt", position=n + 1) for n in range(3)]
    paths = [pinned.downloads / f"{n}.age" for n in range(3)]
    for path, sealed in zip(paths, items, strict=True):
        path.write_bytes(sealed.blob)
    (tmp_path / "kept").mkdir()
    receipt = tmp_path / "kept" / "submission.receipt.json"
    receipt.write_bytes(pinned.station.receipt(*(sealed.item for sealed in items)) + b"\n")

    for option, where in (("--receipt", receipt), ("--receipts", receipt.parent)):
        ended = pinned.open(option, where, *paths)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count("verified: item") == 3


def test_a_receipt_with_a_browsers_number_in_its_name_is_found(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"x")
    (pinned.downloads / "item.age.receipt.json").rename(pinned.downloads / "item.receipt (1).json")

    assert pinned.open(sealed).returncode == 0


def test_one_bad_file_does_not_stop_the_others(pinned: Room) -> None:
    good = [pinned.station.seal(pinned.downloads, b"good", file_name=f"{n}.age", name=f"{n}.txt") for n in range(2)]
    bad = pinned.station.seal(pinned.downloads, b"bad", file_name="bad.age", name="bad.txt")
    bad.write_bytes(bad.read_bytes()[:-1])

    run = pinned.open(good[0], bad, pinned.downloads / "missing.age", pinned.downloads, good[1])

    assert run.returncode == 1
    assert pinned.opened == ["0.txt", "1.txt"]
    assert "bad.age: its receipt does not fit" in run.stderr
    assert "missing.age: No such file" in run.stderr
    assert len(run.stderr.splitlines()) == 3
    assert "2 of 5 opened" in run.stdout


def test_the_sources_reply_recipient_comes_from_its_first_item_and_a_change_is_told(pinned: Room) -> None:
    first = pinned.station.seal(pinned.downloads, b"1", file_name="1.age", name="1.txt")
    second = pinned.station.seal(pinned.downloads, b"2", file_name="2.age", name="2.txt")
    forger = str(HybridIdentity.generate().recipient)
    third = pinned.station.seal(pinned.downloads, b"3", file_name="3.age", name="3.txt", reply_recipient=forger)

    runs = [pinned.open(path) for path in (first, second, third)]

    assert [run.returncode for run in runs] == [0, 0, 1]
    assert "saved: the first item seen" in runs[0].stdout
    assert "the same as" in runs[1].stdout
    assert "NOT the one" in runs[2].stdout
    assert "posing as the source" in runs[2].stderr
    assert forger not in (pinned.station.directory / "sources" / f"{SOURCE_ID}.json").read_text()


def test_a_receipt_that_names_other_keys_is_told(pinned: Room, tmp_path: Path) -> None:
    other = new_station(tmp_path / "other")
    sealed = seal_item(pinned.station.recipient, b"x")
    (pinned.downloads / "item.age").write_bytes(sealed.blob)
    (pinned.downloads / "item.age.receipt").write_bytes(other.receipt(sealed.item))

    run = pinned.open(pinned.downloads / "item.age")

    assert run.returncode == 1
    assert "names other keys" in run.stderr


def test_a_reply_of_the_newsroom_is_opened_too(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, b"Thank you", kind="reply", name=None, position=4)

    run = pinned.open(sealed)

    assert run.returncode == 0
    assert "  | Thank you" in run.stdout
    assert pinned.opened == ["reply-4.txt"]
    assert not (pinned.station.directory / "sources").exists()


def test_a_terminal_that_knows_ascii_only_does_not_stop_it(pinned: Room) -> None:
    sealed = pinned.station.seal(pinned.downloads, "grüße 表".encode(), kind="message", name=None)

    ended = run(pinned.command(sealed), env={**os.environ, "PYTHONIOENCODING": "ascii"})

    assert ended.returncode == 0
    assert r"  | gr\xfc\xdfe \u8868" in ended.stdout
