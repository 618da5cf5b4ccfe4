"""JSON in and out of the API. Bytes travel as base64, hashes as lower-case hex, days as YYYY-MM-DD."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from journalist_api.accounts import MAX_PASSPHRASE

USERNAME = r"^[a-z0-9][a-z0-9._-]{0,31}$"  #: as the database has it


class Body(BaseModel):
    """Base: immutable, unknown fields are refused, input is never quoted."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, strict=True)


class LoginBody(Body):
    """`session` says how the client keeps the token: a browser in a cookie, other clients themselves."""

    username: Annotated[str, StringConstraints(pattern=USERNAME)]
    passphrase: Annotated[str, StringConstraints(min_length=1, max_length=MAX_PASSPHRASE)]
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    session: Literal["cookie", "bearer"] = "cookie"


class MeAnswer(Body):
    """Who is logged in. `csrf_token` goes into the X-CSRF-Token header of everything that changes something."""

    username: str
    is_admin: bool
    csrf_token: str


class LoginAnswer(MeAnswer):
    """`token` only for bearer clients."""

    token: str | None = None


class SourceAnswer(Body):
    """`source_card` is the worker's signed envelope, base64: verify it before sealing to `reply_recipient`."""

    id: UUID
    designation: str
    items: int
    newest_day: str
    starred: bool
    reply_recipient: str
    source_card: str


class SourcesAnswer(Body):
    sources: list[SourceAnswer]


class ItemAnswer(Body):
    """`file_bytes` and `file_sha256` are those of the age file a download gives."""

    id: UUID
    submission_id: UUID
    kind: str
    position: int
    size_class: int
    file_bytes: int
    file_sha256: str


class ItemsAnswer(Body):
    items: list[ItemAnswer]


class ReplyAnswer(Body):
    """The worker's verified receipt, base64, and what it says of this reply."""

    item_id: UUID
    position: int
    receipt: str
    receipt_digits: str


class KeysetAnswer(Body):
    """The signed keyset as it came from the SVS, base64: verify it against the newsroom's root key."""

    generation: int = Field(ge=1)
    keyset: str
