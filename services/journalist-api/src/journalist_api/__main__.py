"""`python -m journalist_api --config FILE`: the journalists' site against RabbitMQ and PostgreSQL."""

import asyncio
import sys
from typing import Final

from chassis.command import arguments, connected, start

from journalist_api.app import SERVICE, serve
from journalist_api.keyset import KeysetRefused, load_keyset
from journalist_api.pins import PinsError, pins_json, pins_of
from journalist_api.settings import ProcessSettings
from journalist_api.spa import PINS, SpaError

_EXPECTED: Final = (KeysetRefused, PinsError, SpaError)


async def main(settings: ProcessSettings, stop: asyncio.Event) -> None:
    """Connect, serve until told to stop, let go in reverse order."""
    async with connected(settings.broker, settings.database, "journalist_api") as to:
        await serve(settings, to.handover, to.audit, to.database, stop)


async def write_pins(settings: ProcessSettings, _: asyncio.Event) -> None:
    """For deployment, as the owner of `spa_dir`: what the web app trusts. Errors: KeysetRefused, OSError."""
    keyset = load_keyset(settings.keyset_file, settings.root_public_key).keyset
    (settings.spa_dir / PINS).write_bytes(pins_json(pins_of(settings, keyset)))


if __name__ == "__main__":
    parser = arguments("journalist_api", __doc__)
    parser.add_argument("--write-pins", action="store_true", help="write pins.json into spa_dir and exit")
    given = parser.parse_args()
    work = write_pins if given.write_pins else main
    sys.exit(start(SERVICE, ProcessSettings, given.config, work, _EXPECTED))
