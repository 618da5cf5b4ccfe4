"""Writes the broker's whole configuration from the topology: rabbitmq.conf, definitions.json, enabled_plugins.

    python deploy/rabbitmq/render.py --out DIR --tls DIR --source source-1 --journalist journalist-1 --worker worker-1

Users have no password: they are the common names of client certificates (mechanism EXTERNAL). Nobody may declare
anything at run time, so what is not in the topology does not exist. The TLS directory holds ca.crt and the
broker's own certificate and key (rabbitmq.crt, rabbitmq.key).
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from contract.topology import ANNOUNCE, ANSWERS, AUDIT, AUDIT_VHOST, HANDOVER_VHOST, LANES, WORK, Topology

_EXCHANGES = (
    (HANDOVER_VHOST, ANNOUNCE, "fanout"),
    (HANDOVER_VHOST, WORK, "direct"),
    (HANDOVER_VHOST, LANES, "direct"),
    (HANDOVER_VHOST, ANSWERS, "direct"),
    (AUDIT_VHOST, AUDIT, "direct"),
)
_PLUGINS = "[rabbitmq_auth_mechanism_ssl].\n"


def definitions(topology: Topology) -> dict[str, Any]:
    """What `load_definitions` imports."""
    users = sorted({rights.user for rights in topology.rights()})
    return {
        "users": [_user(name) for name in users],
        "vhosts": [{"name": HANDOVER_VHOST}, {"name": AUDIT_VHOST}],
        "permissions": [
            {
                "user": rights.user,
                "vhost": rights.vhost,
                "configure": rights.configure,
                "write": rights.write,
                "read": rights.read,
            }
            for rights in topology.rights()
        ],
        "exchanges": [_exchange(vhost, name, kind) for vhost, name, kind in _EXCHANGES],
        "queues": list(_queues(topology)),
        "bindings": list(_bindings(topology)),
    }


def _user(name: str) -> dict[str, Any]:
    """An empty hash: no password matches it."""
    algorithm = "rabbit_password_hashing_sha256"
    return {"name": name, "password_hash": "", "hashing_algorithm": algorithm, "tags": ""}


def _exchange(vhost: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": vhost,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queues(topology: Topology) -> Iterator[dict[str, Any]]:
    """Durable, so that they are there after a restart; what travels through the hand-over is transient all the same."""
    for queue in topology.queues():
        arguments = {"x-queue-type": "classic", **dict(queue.arguments)}
        yield {
            "name": queue.name,
            "vhost": queue.vhost,
            "durable": True,
            "auto_delete": False,
            "arguments": arguments,
        }


def _bindings(topology: Topology) -> Iterator[dict[str, Any]]:
    for queue in topology.queues():
        yield {
            "source": queue.exchange,
            "vhost": queue.vhost,
            "destination": queue.name,
            "destination_type": "queue",
            "routing_key": queue.key,
            "arguments": {},
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where the broker is, and where it sees its files."""

    home: Path  #: definitions.json
    tls: Path  #: ca.crt, <certificate>.crt, <certificate>.key
    certificate: str = "rabbitmq"
    listen: str = "5671"  #: port, or address:port
    disk_free: str = "2GB"  #: below this the broker takes no more messages


def configuration(place: Place) -> str:
    """rabbitmq.conf."""
    text = Path(__file__).with_name("rabbitmq.conf.in").read_text("utf-8")
    for field in fields(place):
        text = text.replace(f"@{field.name}@", str(getattr(place, field.name)))
    return text


def write(topology: Topology, place: Place, out: Path) -> None:
    """All files into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "rabbitmq.conf").write_text(configuration(place), "utf-8")
    (out / "definitions.json").write_text(json.dumps(definitions(topology), indent=1, sort_keys=True) + "\n", "utf-8")
    (out / "enabled_plugins").write_text(_PLUGINS, "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="where to write")
    parser.add_argument("--tls", type=Path, required=True, help="where the broker will find ca.crt and its own files")
    parser.add_argument("--certificate", default="rabbitmq", help="name of the broker's .crt and .key")
    parser.add_argument("--home", type=Path, help="where the broker will find the written files (default: --out)")
    parser.add_argument("--listen", default="5671", help="port, or address:port")
    parser.add_argument("--disk-free", default="2GB", help="below this the broker takes no more messages")
    parser.add_argument("--source", action="append", metavar="NAME", help="may be repeated, as the next two")
    parser.add_argument("--journalist", action="append", metavar="NAME")
    parser.add_argument("--worker", action="append", metavar="NAME")
    parser.add_argument("--monitor", default="monitor", metavar="NAME")
    parser.add_argument("--lanes", type=int, default=16, help="of each worker")
    return parser.parse_args()


def main() -> None:
    """The command."""
    given = _arguments()
    topology = Topology(
        sources=tuple(given.source or ("source-1",)),
        journalists=tuple(given.journalist or ("journalist-1",)),
        workers=tuple(given.worker or ("worker-1",)),
        lanes=given.lanes,
        monitor=given.monitor,
    )
    place = Place(given.home or given.out, given.tls, given.certificate, given.listen, given.disk_free)
    write(topology, place, given.out)


if __name__ == "__main__":
    main()
