"""Makes what compose.yaml mounts: keys, certificates and settings, one directory for each container.

    sudo .venv/bin/python deploy/compose/prepare.py DIR --keyset keyset.json --root-key HEX --newsroom NAME

Run once, as root: each directory is handed to the user its container runs as. Then SEALDROP=DIR docker compose up -d.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Final

from ctl.installation import JOURNALIST, MONITOR, ROOMS, SOURCE, WORKER, Installation, Places, Plan
from sealing.keyset import open_keyset

RENDER: Final = Path(__file__).parents[1] / "rabbitmq" / "render.py"
SEEN_AT: Final = "/etc/sealdrop"
USERS: Final = {"database": 10002, "broker": 10003}  #: as the images have them; every other directory:
SERVICE_USER: Final = 10001
SOCKETS: Final = ("run/source", "run/journalist")


def prepare(directory: Path, keyset: Path, root_public_key: str, newsroom: str) -> None:
    """Errors: FileExistsError rather than write over an installation; BadKeyset."""
    generation = open_keyset(bytes.fromhex(root_public_key), keyset.read_bytes().strip()).generation
    places = Places(
        settings=dict.fromkeys(ROOMS, SEEN_AT),
        state={WORKER: "/var/lib/sealdrop", MONITOR: "/var/lib/sealdrop"},
        listen={SOURCE: "/run/sealdrop/web.sock", JOURNALIST: "/run/sealdrop/web.sock"},
        spa="/opt/spa",
        tls=True,
    )
    plan = Plan(directory, keyset, root_public_key, newsroom, f"compose-{secrets.token_hex(8)}", places)
    installation = Installation(plan)
    installation.write()
    pins = installation.pins(generation)
    (directory / "journalist-api" / "pins.json").write_text(json.dumps(pins, sort_keys=True))
    render = [sys.executable, str(RENDER), "--out", str(directory / "broker"), "--home", SEEN_AT]
    subprocess.run([*render, "--tls", f"{SEEN_AT}/tls", "--monitor", MONITOR], check=True)
    for name in SOCKETS:
        (directory / name).mkdir(mode=0o700, parents=True)
    hand_over(directory)
    print(f"Worker key, to pin on the viewing station:  svs open --worker-key {installation.worker_key} ...")


def hand_over(directory: Path) -> None:
    """Every file to the user of the container that mounts it."""
    for top in directory.iterdir():
        user = USERS.get(top.name, SERVICE_USER)
        for path in (top, *top.rglob("*")):
            os.chown(path, user, user)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--keyset", type=Path, required=True, help="keyset.json, as `svs keygen` wrote it")
    parser.add_argument("--root-key", required=True, help="the newsroom root key, 64 hexadecimal digits (root.pub)")
    parser.add_argument("--newsroom", required=True, help="its name, as the pages say it")
    given = parser.parse_args()
    if os.geteuid() != 0:
        print("Please run this as root: files are handed to the containers' users.", file=sys.stderr)
        return 1
    prepare(given.directory, given.keyset, given.root_key, given.newsroom)
    return 0


if __name__ == "__main__":
    sys.exit(main())
