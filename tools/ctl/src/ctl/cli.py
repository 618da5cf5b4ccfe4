"""`sealdrop`: the command line of whoever runs an installation.

Every command answers on standard output, complains on standard error, and ends with 0 (done), 1 (not done; nothing
was changed) or 2 (the command was wrong).
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from chassis.settings import SettingsError, read_secret
from sealing.signing import SigningKey

from ctl.installation import write_secret
from ctl.journalists import AccountError, add_journalist, draw_journalist
from ctl.migrate import SQL_DIR, MigrationError, migrate
from ctl.nightly import rewrite

_DATABASE_HELP: Final = "a libpq address; the default is the superuser on this machine"
_OVER_TLS: Final = """\
From another machine, with the administrator's certificate:
  --database 'postgresql://sealdrop_admin@HUB/sealdrop?sslmode=verify-full&sslrootcert=CA&sslcert=CERT&sslkey=KEY'
"""
_LOCAL_DATABASE: Final = "postgresql:///sealdrop?host=/run/postgresql&user=postgres"

_MIGRATE_ABOUT: Final = """\
Brings the database to this release: roles, tables, functions, grants. All of it, or nothing of it.
Run it as the database's superuser, on the database's own machine. Running it again changes nothing.
"""
_ADD_ABOUT: Final = """\
Makes an account for a journalist. Passphrase and TOTP secret are drawn now and shown once:
hand them over in person, on paper. The database keeps only what cannot be used without journalist-api's key file.
"""
_SWEEP_ABOUT: Final = """\
Clears the results of uploads that nobody asked for again. Run it once a day (a timer does):
a result goes at the second sweep that sees it.
"""
_REWRITE_ABOUT: Final = """\
Copies what the database holds of sources into new files, in random order, and removes the old ones: then nothing
tells in which order things came, and what was deleted is gone. Run it every night (a timer does).
Nobody can send or download while it copies the vault; it needs room for two more copies of it.
"""
_KEYS_ABOUT: Final = (
    "Makes or reads Ed25519 key files: 32 bytes as hexadecimal digits, which only their owner may read."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (AccountError, MigrationError, SettingsError) as error:
        return _complain(str(error))
    except FileExistsError as error:
        return _complain(f"{error.filename} exists already. Nothing was written.")
    except asyncpg.PostgresError as error:
        return _complain(f"The database refused ({error.sqlstate}): {error.message}")
    except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
        return _complain(f"That did not work: {error}")
    except KeyboardInterrupt:
        return _complain("Stopped.", 130)
    return 0


def run() -> None:
    """Entry point of the installed command."""
    sys.exit(main())


def _complain(text: str, code: int = 1) -> int:
    print(f"sealdrop: {text}", file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sealdrop", description="Looks after a Sealdrop installation.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_migrate(commands)
    _add_sweep(commands)
    _add_rewrite(commands)
    _add_journalist(commands)
    _add_keys(commands)
    return parser


def _command(commands: Any, name: str, help_: str, about: str, run_: Callable[..., None]) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=about, formatter_class=raw)
    parser.set_defaults(run=run_)
    return parser


def _add_database(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", metavar="ADDRESS", default=_LOCAL_DATABASE, help=_DATABASE_HELP)
    if parser.get_default("run") is not _migrate:  # which needs the superuser, and so this machine
        parser.epilog = _OVER_TLS


def _add_migrate(commands: Any) -> None:
    parser = _command(commands, "migrate", "bring the database to this release", _MIGRATE_ABOUT, _migrate)
    _add_database(parser)
    parser.add_argument("--sql-dir", type=Path, metavar="DIR", default=SQL_DIR, help="where deploy/postgres is")


def _add_sweep(commands: Any) -> None:
    parser = _command(commands, "sweep", "clear old results of uploads (daily)", _SWEEP_ABOUT, _sweep)
    _add_database(parser)


def _add_rewrite(commands: Any) -> None:
    parser = _command(commands, "rewrite", "forget order and deleted rows (nightly)", _REWRITE_ABOUT, _rewrite)
    _add_database(parser)


def _add_journalist(commands: Any) -> None:
    parser = _command(commands, "add-journalist", "make an account for a journalist", _ADD_ABOUT, _new_journalist)
    _add_database(parser)
    parser.add_argument("username")
    parser.add_argument("--admin", action="store_true", help="may look after other accounts")
    parser.add_argument("--totp-key", type=Path, required=True, metavar="FILE", help="journalist-api's totp.key")


def _add_keys(commands: Any) -> None:
    parser = _command(commands, "keys", "make or read signing keys", _KEYS_ABOUT, _new_key)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    new = _command(actions, "new", "make a key file and show its public key", _KEYS_ABOUT, _new_key)
    new.add_argument("directory", type=Path, help="made if it is not there")
    new.add_argument("--name", default="signing.key", help="of the file (default: signing.key)")
    show = _command(actions, "show", "show the public key of a key file", _KEYS_ABOUT, _show_key)
    show.add_argument("file", type=Path)


def _migrate(options: argparse.Namespace) -> None:
    applied = asyncio.run(migrate(options.database, options.sql_dir))
    for name in applied:
        print(f"applied {name}")
    print("The database is up to date." if applied else "The database was up to date already.")


def _sweep(options: argparse.Namespace) -> None:
    async def sweep(connection: asyncpg.Connection) -> None:
        print(f"{await connection.fetchval('SELECT sealdrop.admin_sweep_outcomes()')} cleared")

    asyncio.run(_connected(options.database, sweep))


def _rewrite(options: argparse.Namespace) -> None:
    asyncio.run(_connected(options.database, rewrite))
    print("Rewritten.")


def _new_journalist(options: argparse.Namespace) -> None:
    journalist = draw_journalist(options.username, is_admin=options.admin)
    totp_key = read_secret(options.totp_key)
    asyncio.run(_connected(options.database, lambda connection: add_journalist(connection, journalist, totp_key)))
    print("This is shown once.\n")
    print(f"  username     {journalist.username}")
    print(f"  passphrase   {journalist.passphrase}")
    print(f"  TOTP secret  {journalist.totp_secret}")
    print(f"  for the app  {journalist.totp_uri}")


def _new_key(options: argparse.Namespace) -> None:
    key = SigningKey.generate()
    options.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(options.directory / options.name, key.seed)
    print(key.hex)


def _show_key(options: argparse.Namespace) -> None:
    print(SigningKey(read_secret(options.file)).hex)


async def _connected(address: str, use: Callable[[asyncpg.Connection], Coroutine[Any, Any, None]]) -> None:
    connection = await asyncpg.connect(address)
    try:
        await use(connection)
    finally:
        await connection.close()
