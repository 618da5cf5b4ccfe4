"""Services that send with the real audit trail, and the monitor that hears them, over a real bus."""

from uuid import uuid4

from contract.audit import AUDIT_CONTEXT, FIRST_HASH, AuditRecord, EventName
from contract.topology import AUDIT, Route
from sealing.signing import SigningKey, sign_envelope

from tests.integration.monitor.conftest import KEYS, MISSED_SECONDS, Scene


async def test_services_that_do_as_they_should_cause_no_alert(scene: Scene) -> None:
    async with scene.monitor(), scene.trail("source-1"), scene.trail("worker-1") as worker:
        worker.record(EventName.KEYSET_LOADED, generation=1)
        await scene.settled("source-1", 3)
        await scene.settled("worker-1", 3)

    assert scene.alerts() == []


async def test_an_event_of_a_service_reaches_the_administrator_in_plain_words(scene: Scene) -> None:
    async with scene.monitor(), scene.trail("source-1") as source:
        source.record(EventName.WORKER_UNAVAILABLE)
        source.record(EventName.WORKER_AVAILABLE)
        await scene.told("worker_available", "source-1")

    first, second = scene.alerts()
    assert (first["severity"], first["title"]) == ("critical", "Sources cannot send anything")
    assert "crypto-worker" in first["action"]
    assert (second["severity"], second["title"]) == ("all clear", "Sending works again")


async def test_a_service_that_falls_silent_and_comes_back_is_told(scene: Scene) -> None:
    async with scene.monitor(MISSED_SECONDS), scene.trail("source-1"):
        async with scene.trail("worker-1"):
            await scene.settled("worker-1", 1)
        await scene.told("silent", "worker-1")
        async with scene.trail("worker-1"):
            await scene.told("back", "worker-1")

    assert scene.codes() == [("silent", "worker-1"), ("back", "worker-1")]


async def test_a_service_that_was_killed_is_told_when_it_starts_again(scene: Scene) -> None:
    async with scene.monitor():
        killed = scene.trail("source-1")
        killed.record(EventName.STARTED)
        await scene.hub.buses["source-1"].publish(Route(AUDIT, AUDIT), killed._waiting.pop())
        async with scene.trail("source-1"):
            await scene.told("restarted_without_stopping", "source-1")

    assert scene.codes() == [("restarted_without_stopping", "source-1")]


async def test_a_monitor_that_restarts_goes_on_where_it_was(scene: Scene) -> None:
    async with scene.trail("source-1"), scene.trail("worker-1"):
        async with scene.monitor():
            await scene.settled("source-1", 1)
        async with scene.monitor():
            await scene.settled("source-1", 5)

    assert scene.alerts() == []


async def test_what_was_said_while_the_monitor_was_away_is_heard_later(scene: Scene) -> None:
    async with scene.trail("source-1") as source, scene.trail("worker-1"):
        async with scene.monitor():
            await scene.settled("source-1", 1)
        source.record(EventName.RECEIPT_MISMATCH)
        async with scene.monitor():
            await scene.told("receipt_mismatch", "source-1")

    assert scene.codes() == [("receipt_mismatch", "source-1")]


async def test_a_record_signed_by_a_stranger_is_told_and_moves_nothing(scene: Scene) -> None:
    record = AuditRecord(service="source-1", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)
    forged = sign_envelope(SigningKey(bytes([9]) * 32), AUDIT_CONTEXT, record.body())

    async with scene.monitor(), scene.trail("source-1"):
        await scene.hub.buses["worker-1"].publish(Route(AUDIT, AUDIT), forged)
        await scene.told("stranger", "unknown")
        await scene.settled("source-1", 3)

    assert scene.codes() == [("stranger", "unknown")]


async def test_a_service_that_speaks_for_another_is_told(scene: Scene) -> None:
    record = AuditRecord(service="source-1", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)
    forged = sign_envelope(KEYS["worker-1"], AUDIT_CONTEXT, record.body())

    async with scene.monitor():
        await scene.hub.buses["worker-1"].publish(Route(AUDIT, AUDIT), forged)
        await scene.told("forged", "source-1")
