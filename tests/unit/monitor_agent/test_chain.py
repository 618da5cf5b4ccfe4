"""Every tampering with a chain of audit records has its finding, and honest traffic has none."""

from uuid import UUID, uuid4

import pytest
from contract.audit import AUDIT_CONTEXT, FIRST_HASH, AuditRecord, EventName
from monitor_agent.chain import PAST_CHAINS, RECENT_LINKS, Finding, Refusal, Step, Trail, digest_of, follow, open_record
from sealing.signing import SigningKey, VerifyKey, sign_envelope

SOURCE = SigningKey(bytes([1]) * 32)
WORKER = SigningKey(bytes([2]) * 32)
STRANGER = SigningKey(bytes([3]) * 32)
KEYS: dict[str, VerifyKey] = {"source-1": SOURCE.verify_key, "worker-1": WORKER.verify_key}
MINUTE = 29_000_000


class Sender:
    """One run of a service, as `chassis.audit` writes it."""

    def __init__(self, minute: int = MINUTE, previous: str = FIRST_HASH, chain: UUID | None = None) -> None:
        self.chain = chain or uuid4()
        self.number = 0
        self.previous = previous
        self.minute = minute

    def envelope(self, name: EventName = EventName.HEARTBEAT) -> bytes:
        record = AuditRecord(
            service="source-1",
            chain=self.chain,
            number=self.number,
            previous=self.previous,
            name=name,
            minute=self.minute,
        )
        sealed = sign_envelope(SOURCE, AUDIT_CONTEXT, record.body())
        self.number += 1
        self.previous = digest_of(sealed)
        return sealed


def step(trail: Trail | None, envelope: bytes, *, redelivered: bool = False) -> Step:
    record = open_record(KEYS, envelope)
    assert isinstance(record, AuditRecord)
    return follow(trail, record, digest_of(envelope), redelivered=redelivered)


def trail_of(*envelopes: bytes) -> Trail:
    trail: Trail | None = None
    for envelope in envelopes:
        after = step(trail, envelope)
        assert after.findings == ()
        trail = after.trail
    assert trail is not None
    return trail


def test_an_unbroken_chain_has_no_findings() -> None:
    sender = Sender()
    envelopes = [sender.envelope(EventName.STARTED), *(sender.envelope() for _ in range(200))]

    trail = trail_of(*envelopes)

    assert trail.head.number == 200
    assert len(trail.recent) == RECENT_LINKS


@pytest.mark.parametrize("missing", [1, 2, 50])
def test_missing_records_are_a_gap_told_once(missing: int) -> None:
    sender = Sender()
    trail = trail_of(sender.envelope())
    for _ in range(missing):
        sender.envelope()

    after_gap = step(trail, sender.envelope())
    next_one = step(after_gap.trail, sender.envelope())

    assert after_gap.findings == (Finding.GAP,)
    assert after_gap.is_new
    assert next_one.findings == ()


def test_a_chain_whose_beginning_was_never_seen_is_a_gap() -> None:
    sender = Sender()
    sender.envelope()

    assert step(None, sender.envelope()).findings == (Finding.GAP,)


def test_a_first_record_that_names_an_unknown_predecessor_is_a_gap() -> None:
    assert step(None, Sender(previous="ab" * 32).envelope()).findings == (Finding.GAP,)


def test_a_second_record_for_the_same_place_is_a_fork() -> None:
    sender = Sender()
    trail = trail_of(sender.envelope(), sender.envelope())
    twin = Sender(chain=sender.chain)
    twin.envelope(EventName.STARTED)

    after = step(trail, twin.envelope(EventName.KEYSET_LOADED))

    assert after.findings == (Finding.FORK,)
    assert not after.is_new
    assert after.trail == trail


def test_a_next_record_that_names_another_predecessor_is_a_fork() -> None:
    sender = Sender()
    trail = trail_of(sender.envelope(), sender.envelope())
    sender.previous = "cd" * 32

    after = step(trail, sender.envelope())

    assert after.findings == (Finding.FORK,)
    assert step(after.trail, sender.envelope()).findings == ()


def test_swapped_records_do_not_pass() -> None:
    sender = Sender()
    first, second, third = sender.envelope(), sender.envelope(), sender.envelope()
    trail = trail_of(first)

    early = step(trail, third)
    late = step(early.trail, second)

    assert early.findings == (Finding.GAP,)
    assert late.findings == (Finding.REPLAY,)


def test_a_record_that_comes_again_later_is_a_replay() -> None:
    sender = Sender()
    first, *others = [sender.envelope() for _ in range(3)]

    after = step(trail_of(first, *others), first)

    assert after.findings == (Finding.REPLAY,)
    assert not after.is_new


def test_a_record_older_than_memory_is_a_replay() -> None:
    sender = Sender()
    envelopes = [sender.envelope() for _ in range(RECENT_LINKS + 5)]

    assert step(trail_of(*envelopes), envelopes[0]).findings == (Finding.REPLAY,)


def test_what_the_broker_delivers_again_is_no_finding_and_not_new() -> None:
    sender = Sender()
    envelopes = [sender.envelope() for _ in range(16)]
    trail = trail_of(*envelopes)

    steps = [step(trail, envelope, redelivered=True) for envelope in envelopes]

    assert all(after == Step(trail, (), is_new=False) for after in steps)


def test_the_newest_record_sent_twice_is_no_finding_and_not_new() -> None:
    sender = Sender()
    envelopes = [sender.envelope(), sender.envelope()]
    trail = trail_of(*envelopes)

    assert step(trail, envelopes[-1]) == Step(trail, (), is_new=False)


def test_the_mark_redelivered_does_not_excuse_an_unknown_record() -> None:
    sender = Sender()
    trail = trail_of(sender.envelope(), sender.envelope())
    twin = Sender(chain=sender.chain, minute=MINUTE + 1)

    assert step(trail, twin.envelope(), redelivered=True).findings == (Finding.FORK,)


@pytest.mark.parametrize("names_the_head", [True, False])
def test_a_restart_after_stopping_is_no_finding(names_the_head: bool) -> None:
    sender = Sender()
    trail = trail_of(sender.envelope(), sender.envelope(EventName.STOPPING))
    again = Sender(previous=trail.head.digest if names_the_head else FIRST_HASH, minute=MINUTE + 1)

    after = step(trail, again.envelope(EventName.STARTED))

    assert after.findings == ()
    assert after.trail.past == (sender.chain,)
    assert not after.trail.has_stopped


def test_a_restart_without_stopping_is_told() -> None:
    trail = trail_of(Sender().envelope())

    assert step(trail, Sender().envelope()).findings == (Finding.RESTARTED,)


def test_a_restart_that_goes_on_from_an_older_record_is_a_rollback() -> None:
    sender = Sender()
    first, last = sender.envelope(), sender.envelope(EventName.STOPPING)
    restored = Sender(previous=digest_of(first))

    assert step(trail_of(first, last), restored.envelope()).findings == (Finding.ROLLBACK,)


def test_a_restart_that_names_a_record_never_seen_is_a_gap() -> None:
    trail = trail_of(Sender().envelope(EventName.STOPPING))

    assert step(trail, Sender(previous="ef" * 32).envelope()).findings == (Finding.GAP,)


def test_a_new_run_whose_first_record_is_withheld_is_a_gap() -> None:
    trail = trail_of(Sender().envelope(EventName.STOPPING))
    again = Sender()
    again.envelope()

    assert step(trail, again.envelope()).findings == (Finding.GAP,)


def test_a_record_of_an_earlier_run_is_a_rollback() -> None:
    old = Sender()
    trail = trail_of(old.envelope(), old.envelope(EventName.STOPPING))
    trail = step(trail, Sender().envelope()).trail

    after = step(trail, old.envelope())

    assert after.findings == (Finding.ROLLBACK,)
    assert not after.is_new


def test_a_whole_old_run_played_back_is_seen_even_when_its_chain_is_forgotten() -> None:
    old = Sender()
    recording = old.envelope(EventName.STARTED)
    trail = trail_of(recording, old.envelope(EventName.STOPPING))
    for later in range(PAST_CHAINS + 2):
        run = Sender(minute=MINUTE + 10 + later)
        trail = step(trail, run.envelope()).trail
        trail = step(trail, run.envelope(EventName.STOPPING)).trail
    assert old.chain not in trail.past

    after = step(trail, recording)

    assert after.findings == (Finding.ROLLBACK,)
    assert not after.is_new


def test_every_flipped_byte_of_an_envelope_is_refused() -> None:
    envelope = Sender().envelope()

    for place in range(len(envelope)):
        flipped = bytearray(envelope)
        flipped[place] ^= 1
        assert isinstance(open_record(KEYS, bytes(flipped)), Refusal)


def test_a_changed_record_is_forged_in_the_name_of_its_service() -> None:
    envelope = Sender().envelope()
    other = Sender().envelope()
    body = envelope[: envelope.index(b'"sig"')] + other[other.index(b'"sig"') :]

    assert open_record(KEYS, body) == Refusal(Finding.FORGED, "source-1")


def test_a_service_that_speaks_in_anothers_name_is_forged() -> None:
    record = AuditRecord(service="source-1", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)

    envelope = sign_envelope(WORKER, AUDIT_CONTEXT, record.body())

    assert open_record(KEYS, envelope) == Refusal(Finding.FORGED, "source-1")


def test_a_signature_for_another_purpose_is_forged() -> None:
    record = AuditRecord(service="source-1", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)

    assert open_record(KEYS, sign_envelope(SOURCE, "work/v1", record.body())) == Refusal(Finding.FORGED, "source-1")


def test_a_signed_body_with_an_unknown_field_is_forged() -> None:
    record = AuditRecord(service="source-1", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)
    body = {**record.body(), "source": "somebody"}

    assert open_record(KEYS, sign_envelope(SOURCE, AUDIT_CONTEXT, body)) == Refusal(Finding.FORGED, "source-1")


def test_an_unknown_service_is_a_stranger() -> None:
    record = AuditRecord(service="source-9", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)

    assert open_record(KEYS, sign_envelope(STRANGER, AUDIT_CONTEXT, record.body())) == Refusal(Finding.STRANGER)


def test_a_known_key_for_an_unknown_service_is_a_stranger() -> None:
    record = AuditRecord(service="source-9", chain=uuid4(), number=0, previous=FIRST_HASH, name=EventName.STARTED)

    assert open_record(KEYS, sign_envelope(SOURCE, AUDIT_CONTEXT, record.body())) == Refusal(Finding.STRANGER)


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe", b"[]", b"1", b"{}", b'{"by":[]}', b"[" * 100_000])
def test_garbage_is_from_a_stranger(garbage: bytes) -> None:
    assert open_record(KEYS, garbage) == Refusal(Finding.STRANGER)
