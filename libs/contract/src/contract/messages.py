"""Messages of the hand-over (docs/protocol.md), as they look inside their signed envelopes.

Every message has a context: the word its signature is bound to, so that one kind can never pass for another.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from contract.errors import ProtocolError
from contract.limits import MAX_CREDIT_FRAMES, MAX_ITEMS

Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=16_384)]
LongBase64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=131_072)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]

ANNOUNCE_CONTEXT: Final = "announce/v1"
WORK_CONTEXT: Final = "work/v1"
ANSWER_CONTEXT: Final = "answer/v1"


class Message(BaseModel):
    """Base: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", hide_input_in_errors=True)

    @classmethod
    def parse(cls, body: dict[str, object]) -> Self:
        """Errors: ProtocolError, which never quotes its input."""
        try:
            return cls.model_validate(body)
        except ValidationError:
            raise ProtocolError(f"not a {cls.__name__}") from None

    def body(self) -> dict[str, object]:
        """JSON-ready form for `sealing.signing.sign_envelope`."""
        return self.model_dump(mode="json")


class UploadKind(StrEnum):
    """Who produced an upload, and so which pinned keys may sign its work message."""

    SUBMISSION = "submission"  #: from source-api: payloads under keys the worker can derive
    REPLY = "reply"  #: from journalist-api: one finished age file


class ItemKind(StrEnum):
    """What an item is."""

    MESSAGE = "message"
    FILE = "file"
    REPLY = "reply"


class Announcement(Message):
    """Step 4: a worker says it lives. Signed by the worker; context ANNOUNCE_CONTEXT.

    Its age is counted on the receiver's monotonic clock, from arrival; `number` grows by one
    with each announcement of one `instance`, so that a replayed one is seen.
    """

    worker: Name
    instance: UUID  #: drawn at each process start
    number: int = Field(ge=0)
    capacity: int = Field(ge=0)  #: free lanes
    epoch: UUID
    epoch_key: Base64  #: public HPKE key
    keyset_generation: int = Field(ge=1)


class Work(Message):
    """Step 4: please take this upload. Signed by the producer; context WORK_CONTEXT."""

    upload_id: UUID
    kind: UploadKind
    producer: Name  #: names the answers queue
    worker: Name
    instance: UUID
    epoch: UUID
    sealed: Base64  #: `Sealed`, sealed to the epoch key under `work_info`


class Sealed(Message):
    """What only the worker may read of a work message."""

    upload_secret: Hex32
    lookup_id: Hex32 | None = None  #: submissions: the source's capability in the database
    reply_recipient: str | None = Field(default=None, max_length=4096)  #: submissions: the source's own recipient
    source_id: UUID  #: submissions: as drawn (new source) or as found; replies: whom it is for


def work_info(upload_id: UUID, worker: str, epoch: UUID) -> bytes:
    """HPKE info that binds a sealed work message to one upload, worker and epoch."""
    return b"sealdrop/work/v1\0" + upload_id.bytes + worker.encode() + b"\0" + epoch.bytes


class ItemStart(Message):
    """Body of an ITEM frame."""

    item_id: UUID
    kind: ItemKind


class FinishedItem(Message):
    """One item as the producer sent it. For a reply `payload_*` speak of the whole age file."""

    item_id: UUID
    kind: ItemKind
    payload_bytes: int = Field(ge=1)
    payload_sha256: Hex32
    size_class: int = Field(ge=1)  #: bytes of the padded ZIP inside


class Finish(Message):
    """Body of the FINISH frame: all of the upload, in order. Under the upload secret's MAC."""

    items: tuple[FinishedItem, ...] = Field(min_length=1, max_length=MAX_ITEMS)


class FailCode(StrEnum):
    """Why a worker did not store an upload. Never says anything about content."""

    REFUSED = "refused"  #: work message not acceptable (signature, epoch, kind)
    BUSY = "busy"  #: no free lane
    BROKEN = "broken"  #: frames missing, out of order, altered
    STORE = "store"  #: the database failed
    TIMEOUT = "timeout"  #: the producer fell silent
    STOPPING = "stopping"  #: the worker shuts down


class Accept(Message):
    """Step 5: send to this lane. `work_sha256` is the hash of the envelope as received."""

    type: Literal["accept"] = "accept"
    upload_id: UUID
    work_sha256: Hex32
    lane: Name
    credit: int = Field(ge=1, le=MAX_CREDIT_FRAMES)


class Credit(Message):
    """Step 5: frames below this number have been taken."""

    type: Literal["credit"] = "credit"
    upload_id: UUID
    taken: int = Field(ge=0)


class Ping(Message):
    """Step 5: the worker is alive."""

    type: Literal["ping"] = "ping"
    upload_id: UUID


class Done(Message):
    """Step 8: stored. Receipt and (for a new source) source card are signed envelopes of their own."""

    type: Literal["done"] = "done"
    upload_id: UUID
    receipt: LongBase64  #: about 520 characters an item, of which there may be MAX_ITEMS
    source_card: Base64 | None = None


class Fail(Message):
    """Step 9: not stored."""

    type: Literal["fail"] = "fail"
    upload_id: UUID
    code: FailCode


Answer = Accept | Credit | Ping | Done | Fail
_ANSWERS: Final[dict[str, type[Accept | Credit | Ping | Done | Fail]]] = {
    "accept": Accept,
    "credit": Credit,
    "ping": Ping,
    "done": Done,
    "fail": Fail,
}


def parse_answer(body: dict[str, object]) -> Answer:
    """The answer inside an opened envelope. Errors: ProtocolError."""
    kind = _ANSWERS.get(str(body.get("type")))
    if kind is None:
        raise ProtocolError("not an Answer")
    return kind.parse(body)
