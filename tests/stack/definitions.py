"""What the test broker is configured with. The definitions are rendered from the topology."""

import json
from pathlib import Path

from contract.topology import ANNOUNCE, ANSWERS, AUDIT, AUDIT_VHOST, HANDOVER_VHOST, LANES, WORK, Topology

KEPT = {"durable": True, "auto_delete": False}


def configuration(port: int, ca_file: Path, certificate: Path, key: Path, definitions: Path) -> str:
    """rabbitmq.conf: one TLS 1.3 listener on loopback, EXTERNAL by certificate common name, nothing else."""
    return f"""\
listeners.tcp = none
listeners.ssl.1 = 127.0.0.1:{port}
ssl_options.cacertfile = {ca_file}
ssl_options.certfile = {certificate}
ssl_options.keyfile = {key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
auth_mechanisms.1 = EXTERNAL
ssl_cert_login_from = common_name
load_definitions = {definitions}
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 100MB
log.file = false
log.console = true
log.console.level = info
"""


def render(topology: Topology) -> str:
    """definitions.json of a topology."""
    kinds = {ANNOUNCE: "fanout", WORK: "direct", LANES: "direct", ANSWERS: "direct"}
    exchanges = [_exchange(HANDOVER_VHOST, name, kind) for name, kind in kinds.items()]
    exchanges.append(_exchange(AUDIT_VHOST, AUDIT, "direct"))
    users = sorted({rights.user for rights in topology.rights()})
    return json.dumps(
        {
            "vhosts": [{"name": HANDOVER_VHOST}, {"name": AUDIT_VHOST}],
            "users": [{"name": user, "password_hash": "", "tags": []} for user in users],
            "permissions": [
                {"user": r.user, "vhost": r.vhost, "configure": r.configure, "write": r.write, "read": r.read}
                for r in topology.rights()
            ],
            "exchanges": exchanges,
            "queues": [
                {"vhost": q.vhost, "name": q.name, "arguments": dict(q.arguments), **KEPT} for q in topology.queues()
            ],
        }
    )


def _exchange(vhost: str, name: str, kind: str) -> dict[str, object]:
    return {"vhost": vhost, "name": name, "type": kind, "internal": False, "arguments": {}, **KEPT}
