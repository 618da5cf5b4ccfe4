"""Which work messages are taken (docs/protocol.md, step 5): pure rules over bytes from an untrusted broker."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from contract.errors import ProtocolError
from contract.messages import WORK_CONTEXT, FailCode, Sealed, UploadKind, Work, work_info
from sealing.errors import BadRecipient, BadSignature, CannotOpen
from sealing.recipients import HybridRecipient, parse_recipient
from sealing.secrets import UploadSecret
from sealing.signing import VerifyKey, open_envelope_by

from crypto_worker.base64_text import from_base64
from crypto_worker.epochs import Epochs
from crypto_worker.errors import Failed, Forged


@dataclass(frozen=True, slots=True, repr=False)
class Sender:
    """A work message's verified sender and what it asks for."""

    upload_id: UUID
    kind: UploadKind
    producer: str
    work_sha256: str


@dataclass(frozen=True, slots=True, repr=False)
class Binding:
    """Where the upload belongs. Lookup id and reply recipient: submissions only."""

    source_id: UUID
    lookup_id: bytes | None = None
    reply_recipient: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Admitted:
    """An upload to take."""

    sender: Sender
    secret: UploadSecret
    binding: Binding


class WorkGate:
    """Judges work messages for one worker process."""

    def __init__(
        self, worker: str, instance: UUID, producers: Mapping[UploadKind, Mapping[str, VerifyKey]], epochs: Epochs
    ) -> None:
        self._worker = worker
        self._instance = instance
        self._producers = producers
        self._epochs = epochs

    def verify(self, blob: bytes) -> Work:
        """The work message, if a producer signed it for this worker and may send its kind. Errors: Forged."""
        keys = {key for pinned in self._producers.values() for key in pinned.values()}
        try:
            signer, body = open_envelope_by(keys, WORK_CONTEXT, blob)
            work = Work.parse(body)
        except (BadSignature, ProtocolError) as error:
            raise Forged("not a work message of a producer we know") from error
        if self._producers[work.kind].get(work.producer) != signer:
            raise Forged("signed by another producer, or for a kind it may not send")
        if work.worker != self._worker:
            raise Forged("meant for another worker")
        return work

    def admit(self, work: Work, blob: bytes) -> Admitted:
        """What a verified work message asks for. Errors: Forged (seen before), Failed (not acceptable)."""
        epoch = self._epochs.find(work.epoch)
        if work.instance != self._instance or epoch is None:
            raise Failed(FailCode.REFUSED, "another instance or a past epoch")
        if work.upload_id in epoch.seen:
            raise Forged("seen before")
        epoch.seen.add(work.upload_id)
        info = work_info(work.upload_id, self._worker, epoch.id)
        try:
            sealed = Sealed.parse(json.loads(epoch.key.open(info, from_base64(work.sealed))))
        except (CannotOpen, ProtocolError, ValueError, RecursionError) as error:
            raise Failed(FailCode.REFUSED, "cannot be opened") from error
        sender = Sender(work.upload_id, work.kind, work.producer, hashlib.sha256(blob).hexdigest())
        return Admitted(sender, UploadSecret(bytes.fromhex(sealed.upload_secret)), _binding(work.kind, sealed))


def _binding(kind: UploadKind, sealed: Sealed) -> Binding:
    """Submissions carry the source's lookup id and its hybrid recipient, whether the source is new or known."""
    if kind is UploadKind.REPLY:
        return Binding(sealed.source_id)
    if sealed.lookup_id is None or sealed.reply_recipient is None:
        raise Failed(FailCode.REFUSED, "a submission names its source's lookup id and reply recipient")
    try:
        is_hybrid = isinstance(parse_recipient(sealed.reply_recipient), HybridRecipient)
    except BadRecipient as error:
        raise Failed(FailCode.REFUSED, "not a recipient") from error
    if not is_hybrid:
        raise Failed(FailCode.REFUSED, "a source's recipient is hybrid")
    return Binding(sealed.source_id, bytes.fromhex(sealed.lookup_id), sealed.reply_recipient)
