"""The command line of the Viewing Station."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sealing.errors import BadKeyset

from svs import passphrase
from svs.errors import CannotUse, NotOpened
from svs.keygen import make_station, refuse_used
from svs.opening import Desk
from svs.receipts import ReceiptShelf
from svs.report import lines_of, warnings_of
from svs.station import KEYSET, OPENED, ROOT_PUBLIC, Station
from svs.terminal import visible

_ABOUT: Final = """\
The offline tool of the Secure Viewing Station: the machine without a network
where a newsroom opens what its sources have sent.
"""

_KEYGEN_ABOUT: Final = """\
Makes the keys of a new station, once, on the machine that will never have a network:
the identity that submissions are sealed to, and the newsroom root key that signs the keyset.
Both are protected by one passphrase of eight words, drawn now and shown once.
Existing keys are never overwritten.
"""

_OPEN_ABOUT: Final = """\
Opens sealed files (.age) that a journalist has downloaded.

Each file's receipt is verified first. Receipts are found by their content: as FILE.receipt.json beside
the file, anywhere in the file's directory (names with ".receipt"), or where --receipt or --receipts says.
A receipt counts when it is signed by a worker whose key you have pinned with --worker-key.

What is opened gets its original name, made safe, and never replaces another file.
A file that is cut, altered or sealed to another key gives an error and leaves nothing.
The exit code is 0 if everything was opened and nothing is suspicious, 1 if not, 2 if the command was wrong.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code. Errors meant for people are printed, never raised."""
    signal.signal(signal.SIGTERM, _end)
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except CannotUse as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        _complain("Stopped.")
        return 130
    return code


def keygen(options: argparse.Namespace) -> int:
    """`svs keygen`."""
    refuse_used(options.dir)
    try:
        made = make_station(options.dir, options.newsroom, options.generation, _new_passphrase(options))
    except BadKeyset as error:
        raise CannotUse(f"No keys were made: {error}.") from error
    except OSError as error:
        raise CannotUse(f"No keys were made: {error.strerror}.") from error
    print(f"Keys made in {visible(str(options.dir))}\n")
    print(f"  newsroom root key   {made.root_public}")
    print(f"  its digits          {made.root_digits}")
    print(f"  keyset generation   {options.generation}")
    print(f"  keyset digits       {made.keyset_digits}\n")
    print(f"Carry {KEYSET} and {ROOT_PUBLIC} to the servers, and compare the digits there.")
    print("Keep a copy of the whole directory, and the passphrase on paper, in two safe places.")
    return 0


def open_files(options: argparse.Namespace) -> int:
    """`svs open`."""
    station = Station(options.dir)
    for key in options.worker_key:
        if station.pin_worker(key):
            print(f"Pinned: receipts signed by {key} count from now on.")
    workers = station.worker_keys()
    if not workers and not options.unverified:
        raise CannotUse(
            "No worker is pinned yet, so no receipt can be verified."
            " Give the worker's public key once: --worker-key HEX."
        )
    desk = _desk(options, station, ReceiptShelf(workers, options.receipt, options.receipts))
    is_well = [_open_one(desk, path) for path in options.files]
    if len(is_well) > 1:
        print(f"\n{sum(is_well)} of {len(is_well)} opened without complaint.")
    return 0 if all(is_well) else 1


def _desk(options: argparse.Namespace, station: Station, shelf: ReceiptShelf) -> Desk:
    identity = station.unlock(_known_passphrase(options))
    # Never "here": that may be the medium the files came on, and it goes back to a machine with a network.
    out: Path = options.out or station.directory / OPENED
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotUse(f"{visible(str(out))} cannot be used: {error.strerror}.") from error
    return Desk(station, identity, shelf, out, allow_unverified=options.unverified)


def _open_one(desk: Desk, path: Path) -> bool:
    """False when the file was not opened, or something about it is suspicious."""
    try:
        opened = desk.open_file(path)
    except NotOpened as error:
        _complain(f"{path}: {error}.")
        return False
    except OSError as error:
        _complain(f"{path}: {error.strerror or 'cannot be read'}.")
        return False
    for line in lines_of(str(path), opened):
        print(line)
    warnings = list(warnings_of(opened))
    for warning in warnings:
        _complain(f"WARNING: {warning}")
    return not warnings


def _new_passphrase(options: argparse.Namespace) -> str:
    given = _given_passphrase(options)
    if given is not None:
        return given
    return passphrase.new_own() if options.own_passphrase else passphrase.new_drawn()


def _known_passphrase(options: argparse.Namespace) -> str:
    return _given_passphrase(options) or passphrase.typed()


def _given_passphrase(options: argparse.Namespace) -> str | None:
    if options.passphrase_file is not None:
        return passphrase.from_file(options.passphrase_file)
    if options.passphrase_fd is not None:
        return passphrase.from_descriptor(options.passphrase_fd)
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("svs", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_keygen(_command(commands, "keygen", "make the keys of a new station", _KEYGEN_ABOUT))
    _add_open(_command(commands, "open", "verify and open sealed files", _OPEN_ABOUT))
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, short: str, about: str
) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(name, help=short, description=about, formatter_class=raw)
    parser.add_argument("--dir", type=Path, required=True, metavar="DIR", help="the station's directory of keys")
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--passphrase-file", type=Path, metavar="FILE", help="read the passphrase from a file (0600)")
    given.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from an open descriptor")
    return parser


def _add_keygen(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--newsroom", required=True, metavar="NAME", help="the newsroom's name, for the keyset")
    parser.add_argument("--generation", type=int, default=1, metavar="N", help="the keyset's generation (default: 1)")
    parser.add_argument("--own-passphrase", action="store_true", help="think of a passphrase yourself")
    parser.set_defaults(run=keygen)


def _add_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="a sealed file")
    parser.add_argument("--out", type=Path, metavar="OUT", help="where what is opened goes (default: DIR/opened)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--receipt", type=Path, metavar="FILE", help="the receipt that speaks of these files")
    where.add_argument("--receipts", type=Path, metavar="DIR", help="a directory of receipts")
    parser.add_argument(
        "--worker-key",
        action="append",
        default=[],
        metavar="HEX",
        help="pin a worker's public key for good; repeatable",
    )
    parser.add_argument("--unverified", action="store_true", help="open files without a receipt too")
    parser.set_defaults(run=open_files)


def _complain(text: str) -> None:
    sys.stdout.flush()
    print(visible(text), file=sys.stderr)


def _end(number: int, _: object) -> None:
    """SIGTERM unwinds like an error, so that partial files are removed."""
    raise SystemExit(128 + number)


def run() -> None:
    """The console script. Text that the terminal cannot show is written as numbers instead of failing."""
    os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(main())
