"""A work message: what a producer asks one worker to take (docs/protocol.md, step 4). Pure but for randomness."""

import base64
import hashlib
import uuid
from dataclasses import dataclass
from uuid import UUID

from contract.messages import WORK_CONTEXT, Sealed, UploadKind, Work, work_info
from sealing.epoch import seal_to_epoch
from sealing.secrets import UploadSecret
from sealing.signing import SigningKey, canonical, sign_envelope

from handover.directory import LiveWorker


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an upload belongs. Lookup id (32 bytes) and reply recipient: submissions only."""

    kind: UploadKind
    source_id: UUID
    lookup_id: bytes | None = None
    reply_recipient: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One upload for one worker. The upload id becomes the submission's id."""

    upload_id: UUID
    secret: UploadSecret
    binding: Binding
    worker: LiveWorker
    blob: bytes  #: the signed work message

    @property
    def sha256(self) -> str:
        """What `accept` must name."""
        return hashlib.sha256(self.blob).hexdigest()


def new_order(producer: str, key: SigningKey, binding: Binding, worker: LiveWorker) -> Order:
    """A fresh upload. Errors: BadRecipient for an epoch key that is none."""
    upload_id, secret = uuid.uuid4(), UploadSecret.random()
    sealed = Sealed(
        upload_secret=secret.raw.hex(),
        lookup_id=None if binding.lookup_id is None else binding.lookup_id.hex(),
        reply_recipient=binding.reply_recipient,
        source_id=binding.source_id,
    )
    info = work_info(upload_id, worker.name, worker.epoch)
    work = Work(
        upload_id=upload_id,
        kind=binding.kind,
        producer=producer,
        worker=worker.name,
        instance=worker.instance,
        epoch=worker.epoch,
        sealed=base64.b64encode(seal_to_epoch(worker.epoch_key, info, canonical(sealed.body()))).decode("ascii"),
    )
    return Order(upload_id, secret, binding, worker, sign_envelope(key, WORK_CONTEXT, work.body()))
