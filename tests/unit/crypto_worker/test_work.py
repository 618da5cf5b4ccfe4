"""Which work messages a worker takes."""

import base64
from uuid import UUID, uuid4

import pytest
from contract.limits import EPOCH_GRACE_SECONDS, EPOCH_SECONDS
from contract.messages import ANNOUNCE_CONTEXT, WORK_CONTEXT, FailCode, Sealed, UploadKind, Work, work_info
from crypto_worker.epochs import Epoch, Epochs
from crypto_worker.errors import Failed, Forged
from crypto_worker.work import Admitted, WorkGate
from sealing.epoch import seal_to_epoch
from sealing.identities import X25519Identity
from sealing.secrets import UploadSecret
from sealing.signing import SigningKey, canonical, sign_envelope

from tests.unit.crypto_worker.posting import SOURCE

SOURCE_API, JOURNALIST_API, HUB = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
LOOKUP_ID = "ab" * 32


class Desk:
    """A gate, its clock, and a producer that writes to it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.epochs = Epochs(lambda: self.now)
        self.instance = uuid4()
        producers = {
            UploadKind.SUBMISSION: {"source-1": SOURCE_API.verify_key},
            UploadKind.REPLY: {"journalist-1": JOURNALIST_API.verify_key},
        }
        self.gate = WorkGate("worker-1", self.instance, producers, self.epochs)
        self.secret = UploadSecret.random()

    def work(self, epoch: Epoch | None = None, info: bytes | None = None, **changes: object) -> Work:
        epoch = epoch or self.epochs.current()
        upload_id = uuid4()
        sealed = self.sealed(epoch, info or work_info(upload_id, "worker-1", epoch.id))
        fields = {
            "upload_id": upload_id,
            "kind": UploadKind.SUBMISSION,
            "producer": "source-1",
            "worker": "worker-1",
            "instance": self.instance,
            "epoch": epoch.id,
            "sealed": sealed,
        }
        return Work.model_validate({**fields, **changes})

    def sealed(self, epoch: Epoch, info: bytes, **changes: object) -> str:
        fields = {
            "upload_secret": self.secret.raw.hex(),
            "lookup_id": LOOKUP_ID,
            "reply_recipient": str(SOURCE.recipient),
            "source_id": UUID(int=7),
        }
        body = Sealed.model_validate({**fields, **changes}).body()
        return base64.b64encode(seal_to_epoch(epoch.key.public, info, canonical(body))).decode()

    def take(self, work: Work, key: SigningKey = SOURCE_API, context: str = WORK_CONTEXT) -> Admitted:
        blob = sign_envelope(key, context, work.body())
        return self.gate.admit(self.gate.verify(blob), blob)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_honest_work_is_admitted_with_its_secret_and_binding(desk: Desk) -> None:
    work = desk.work()

    admitted = desk.take(work)

    assert admitted.sender.upload_id == work.upload_id
    assert admitted.sender.producer == "source-1"
    assert admitted.secret.raw == desk.secret.raw
    assert admitted.binding.source_id == UUID(int=7)
    assert admitted.binding.lookup_id == bytes.fromhex(LOOKUP_ID)


def test_work_is_hidden_when_printed(desk: Desk) -> None:
    admitted = desk.take(desk.work())

    assert LOOKUP_ID not in repr(admitted)
    assert desk.secret.raw.hex() not in repr(admitted)
    assert str(admitted.binding.source_id) not in repr(admitted)


def test_work_signed_by_the_hub_is_forged(desk: Desk) -> None:
    with pytest.raises(Forged):
        desk.take(desk.work(), HUB)


def test_work_signed_for_another_purpose_is_forged(desk: Desk) -> None:
    with pytest.raises(Forged):
        desk.take(desk.work(), context=ANNOUNCE_CONTEXT)


@pytest.mark.parametrize("blob", [b"", b"{}", b"\xff" * 100, b"[" * 100_000])
def test_anything_else_is_forged(desk: Desk, blob: bytes) -> None:
    with pytest.raises(Forged):
        desk.gate.verify(blob)


def test_producer_may_not_send_the_other_kind(desk: Desk) -> None:
    with pytest.raises(Forged):
        desk.take(desk.work(kind=UploadKind.REPLY), SOURCE_API)
    with pytest.raises(Forged):
        desk.take(desk.work(producer="journalist-1"), JOURNALIST_API)


def test_producer_may_not_speak_in_anothers_name(desk: Desk) -> None:
    with pytest.raises(Forged):
        desk.take(desk.work(producer="source-2"))


def test_work_for_another_worker_is_forged(desk: Desk) -> None:
    with pytest.raises(Forged):
        desk.take(desk.work(worker="worker-2"))


def test_work_for_an_earlier_instance_is_refused(desk: Desk) -> None:
    with pytest.raises(Failed) as failed:
        desk.take(desk.work(instance=uuid4()))
    assert failed.value.code is FailCode.REFUSED


def test_replayed_work_is_forged(desk: Desk) -> None:
    work = desk.work()
    desk.take(work)

    with pytest.raises(Forged):
        desk.take(work)


def test_replay_after_its_epoch_is_refused(desk: Desk) -> None:
    work = desk.work()
    desk.take(work)
    desk.now += EPOCH_SECONDS + EPOCH_GRACE_SECONDS

    with pytest.raises(Failed):
        desk.take(work)


def test_work_for_the_last_epoch_is_admitted_in_its_grace(desk: Desk) -> None:
    epoch = desk.epochs.current()
    desk.now += EPOCH_SECONDS
    assert desk.epochs.current().id != epoch.id

    assert desk.take(desk.work(epoch))


def test_sealed_part_of_another_upload_is_refused(desk: Desk) -> None:
    other = work_info(uuid4(), "worker-1", desk.epochs.current().id)

    with pytest.raises(Failed):
        desk.take(desk.work(info=other))


@pytest.mark.parametrize("field", ["lookup_id", "reply_recipient"])
def test_submission_without_its_binding_is_refused(desk: Desk, field: str) -> None:
    work = desk.work()
    info = work_info(work.upload_id, "worker-1", work.epoch)
    sealed = desk.sealed(desk.epochs.current(), info, **{field: None})

    with pytest.raises(Failed):
        desk.take(work.model_copy(update={"sealed": sealed}))


@pytest.mark.parametrize("recipient", ["nobody", str(X25519Identity.generate().recipient)])
def test_submission_with_a_reply_recipient_that_is_not_hybrid_is_refused(desk: Desk, recipient: str) -> None:
    work = desk.work()
    info = work_info(work.upload_id, "worker-1", work.epoch)
    sealed = desk.sealed(desk.epochs.current(), info, reply_recipient=recipient)

    with pytest.raises(Failed):
        desk.take(work.model_copy(update={"sealed": sealed}))


def test_reply_needs_only_the_source(desk: Desk) -> None:
    work = desk.work(kind=UploadKind.REPLY, producer="journalist-1")
    info = work_info(work.upload_id, "worker-1", work.epoch)
    sealed = desk.sealed(desk.epochs.current(), info, lookup_id=None, reply_recipient=None)

    admitted = desk.take(work.model_copy(update={"sealed": sealed}), JOURNALIST_API)

    assert admitted.binding.lookup_id is None


def test_epoch_key_is_forgotten_after_its_grace(desk: Desk) -> None:
    epoch = desk.epochs.current()

    desk.now += EPOCH_SECONDS + EPOCH_GRACE_SECONDS - 1
    assert desk.epochs.find(epoch.id) is epoch
    desk.now += 1
    assert desk.epochs.find(epoch.id) is None
