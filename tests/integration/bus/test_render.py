"""What deploy/rabbitmq/render.py writes, before a broker reads it."""

import json
import re
import subprocess
import sys
from pathlib import Path

from contract.topology import AUDIT_QUEUE, HANDOVER_VHOST, LANES, Topology

from deploy.rabbitmq.render import Place, configuration, definitions

SCRIPT = Path("deploy/rabbitmq/render.py")


def test_every_queue_is_durable_and_bound_once() -> None:
    topology = Topology(sources=("source-1", "source-2"), workers=("worker-1", "worker-2"), lanes=3)
    rendered = definitions(topology)

    queues = [(queue["vhost"], queue["name"]) for queue in rendered["queues"]]
    bindings = [(binding["vhost"], binding["destination"]) for binding in rendered["bindings"]]

    assert queues == bindings
    assert len(set(queues)) == len(queues) == 3 * 2 + 2 * (1 + 3) + 1
    assert all(queue["durable"] for queue in rendered["queues"])


def test_only_the_audit_queue_is_a_quorum_queue() -> None:
    kinds = {queue["name"]: queue["arguments"]["x-queue-type"] for queue in definitions(Topology())["queues"]}

    assert {name for name, kind in kinds.items() if kind == "quorum"} == {AUDIT_QUEUE}


def test_nobody_has_a_password_a_tag_or_the_right_to_configure() -> None:
    rendered = definitions(Topology())

    assert {user["name"] for user in rendered["users"]} == {"source-1", "journalist-1", "worker-1", "monitor"}
    assert all(user["password_hash"] == "" and user["tags"] == "" for user in rendered["users"])
    assert all(permission["configure"] == "^$" for permission in rendered["permissions"])


def test_lanes_are_reached_by_their_own_name() -> None:
    keys = [
        (binding["routing_key"], binding["destination"])
        for binding in definitions(Topology(lanes=2))["bindings"]
        if (binding["vhost"], binding["source"]) == (HANDOVER_VHOST, LANES)
    ]

    assert keys == [("worker-1-0", "lane.worker-1-0"), ("worker-1-1", "lane.worker-1-1")]


def test_the_configuration_leaves_one_way_in_and_no_placeholder() -> None:
    text = configuration(Place(Path("/etc/broker"), Path("/etc/tls")))

    assert not re.search(r"@[a-z_]+@", text)
    for line in (
        "listeners.tcp = none",
        "ssl_options.verify = verify_peer",
        "ssl_options.fail_if_no_peer_cert = true",
        "ssl_options.versions.1 = tlsv1.3",
        "auth_mechanisms.1 = EXTERNAL",
        "ssl_cert_login_from = common_name",
        "load_definitions = /etc/broker/definitions.json",
    ):
        assert line in text.splitlines()
    assert text.count("auth_mechanisms") == text.count("ssl_options.versions") == 1


def test_the_command_writes_all_three_files(tmp_path: Path) -> None:
    names = ["--source", "a", "--source", "b", "--worker", "w", "--journalist", "j", "--lanes", "1"]
    subprocess.run([sys.executable, SCRIPT, "--out", tmp_path, "--tls", "/tls", *names], check=True)

    rendered = json.loads((tmp_path / "definitions.json").read_text())

    assert {user["name"] for user in rendered["users"]} == {"a", "b", "j", "w", "monitor"}
    assert "ssl_options.certfile = /tls/rabbitmq.crt" in (tmp_path / "rabbitmq.conf").read_text()
    assert (tmp_path / "enabled_plugins").read_text() == "[rabbitmq_auth_mechanism_ssl].\n"
