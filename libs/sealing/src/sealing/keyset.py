"""The SVS keyset: whom everything is sealed to, signed by the newsroom root key, with a generation that only grows.

Theory: crypto-worker alone decides which keyset counts; it remembers the highest generation it saw. A mixed keyset is
refused: the classic key would open what the hybrid ones protect.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sealing.errors import BadKeyset, BadRecipient, BadSignature
from sealing.recipients import Recipient, parse_recipient
from sealing.signing import SigningKey, VerifyKey, open_envelope, sign_envelope

KEYSET_CONTEXT = "keyset/v1"
#: Each recipient adds a stanza to every file; beyond this the header is a burden and a sign of a mistake.
MOST_RECIPIENTS = 16
MOST_NEWSROOM_LETTERS = 200
_FIELDS = {"v", "generation", "recipients", "drill_recipient", "drill_source", "newsroom"}


@dataclass(frozen=True, slots=True)
class Keyset:
    """Recipients of one kind, 1 to 16, all different.

    The drill recipient and drill source (both or neither) serve the monitor's canary and nothing else.
    Errors: BadKeyset when these rules are broken.
    """

    generation: int
    recipients: tuple[Recipient, ...]
    drill_recipient: Recipient | None
    drill_source: UUID | None
    newsroom: str

    def __post_init__(self) -> None:
        everyone = [*self.recipients, *([self.drill_recipient] if self.drill_recipient else [])]
        if type(self.generation) is not int or self.generation < 1:
            raise BadKeyset("a generation counts from 1")
        if not 1 <= len(self.recipients) <= MOST_RECIPIENTS:
            raise BadKeyset("a keyset has 1 to 16 recipients")
        if len({recipient.kind for recipient in everyone}) != 1:
            raise BadKeyset("a keyset has recipients of one kind")
        if len({recipient.raw for recipient in everyone}) != len(everyone):
            raise BadKeyset("a recipient is named twice")
        if (self.drill_recipient is None) != (self.drill_source is None):
            raise BadKeyset("a drill needs its recipient and its source")
        if not 0 < len(self.newsroom) <= MOST_NEWSROOM_LETTERS:
            raise BadKeyset("a keyset names its newsroom")

    def fingerprints(self) -> tuple[str, ...]:
        """SHA-256 of each recipient's raw key in hex, sorted: what a receipt quotes."""
        return tuple(sorted(recipient.fingerprint().hex() for recipient in self.recipients))


def sign_keyset(root_key: SigningKey, keyset: Keyset) -> bytes:
    """The signed blob the newsroom carries from the SVS to its servers."""
    return sign_envelope(root_key, KEYSET_CONTEXT, _body(keyset))


def open_keyset(root_public: bytes, blob: bytes) -> Keyset:
    """The keyset, if the newsroom root key (32 bytes) signed it. Errors: BadKeyset for everything else."""
    try:
        body = open_envelope(VerifyKey(root_public), KEYSET_CONTEXT, blob)
    except (BadSignature, ValueError) as error:
        raise BadKeyset("not signed by the newsroom root key") from error
    try:
        return _read(body)
    except (BadRecipient, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadKeyset("a keyset of a shape we do not know") from error


def _body(keyset: Keyset) -> dict[str, Any]:
    return {
        "v": 1,
        "generation": keyset.generation,
        "recipients": [str(recipient) for recipient in keyset.recipients],
        "drill_recipient": str(keyset.drill_recipient) if keyset.drill_recipient else None,
        "drill_source": str(keyset.drill_source) if keyset.drill_source else None,
        "newsroom": keyset.newsroom,
    }


def _read(body: dict[str, Any]) -> Keyset:
    if set(body) != _FIELDS or type(body["v"]) is not int or body["v"] != 1 or not isinstance(body["newsroom"], str):
        raise ValueError("other fields")
    drill_recipient, drill_source = body["drill_recipient"], body["drill_source"]
    return Keyset(
        generation=body["generation"],
        recipients=tuple(parse_recipient(text) for text in body["recipients"]),
        drill_recipient=None if drill_recipient is None else parse_recipient(drill_recipient),
        drill_source=None if drill_source is None else UUID(drill_source),
        newsroom=body["newsroom"],
    )
