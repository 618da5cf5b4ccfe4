"""The parsers of what comes from the broker, the database, a journalist or a file, with valid samples of each.

What must be signed is signed here before it is parsed: a stranger's signature is refused at once, but a peer that was
taken signs whatever it likes.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from contract.audit import AUDIT_CONTEXT
from contract.errors import ProtocolError
from contract.frames import Frame, FrameKind
from contract.messages import Announcement, Finish, ItemStart, Message, Sealed, Work, parse_answer
from monitor_agent.chain import Refusal, open_record
from sealing.armor import armor, dearmor
from sealing.container import PaddedZip
from sealing.errors import ArmorFailure, BadKeyset, BadSignature, CannotOpen, HeaderFailure
from sealing.header import open_header, read_header, seal_header
from sealing.identities import HybridIdentity, X25519Identity
from sealing.item import open_item_bytes
from sealing.keyset import KEYSET_CONTEXT, Keyset, open_keyset, sign_keyset
from sealing.manifest import MANIFEST_NAME, Manifest
from sealing.padding import size_class
from sealing.receipts import (
    RECEIPT_CONTEXT,
    SOURCE_CARD_CONTEXT,
    Receipt,
    ReceiptItem,
    SourceCard,
    open_receipt,
    open_source_card,
    sign_receipt,
    sign_source_card,
)
from sealing.secrets import FileKey
from sealing.signing import SigningKey, open_envelope, sign_envelope

from tests.fuzz.target import Target

ID: Final = UUID("3f2b8f7e-1111-4222-8333-94a1b2c3d4e5")
HASH: Final = "ab" * 32
KEY: Final = SigningKey(bytes(32))
FILE_KEY: Final = FileKey(bytes(16))
HYBRID: Final = HybridIdentity.from_seed(bytes(32))
CLASSIC: Final = X25519Identity(bytes([1] * 32))
MOST_HEADER: Final = 64 * 1024


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _dict(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`; empty if there is none."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _signed(context: str, take: Callable[[bytes], object], data: bytes) -> object:
    """A JSON object is signed and then parsed; an envelope, and what is no JSON, is taken as it is."""
    body = _dict(data)
    try:
        blob = sign_envelope(KEY, context, body) if body and "sig" not in body else data
    except ValueError:  # NaN and infinity have no canonical spelling
        blob = data
    return take(blob)


def _frame(data: bytes) -> None:
    assert Frame.decode(data).encode() == data


def _header(data: bytes) -> None:
    header = read_header(data)
    if header is not None:
        assert header.length <= min(len(data), MOST_HEADER)
        open_header(header, [HYBRID, CLASSIC])


def _armor(data: bytes) -> None:
    assert dearmor(armor(dearmor(data))) == dearmor(data)


def _manifest(data: bytes) -> None:
    manifest = Manifest.from_json(data)
    assert Manifest.from_json(manifest.to_json()) == manifest


class NotBelieved(Exception):
    """The monitor's parser answers with a finding where others raise."""


def _audit(data: bytes) -> None:
    if isinstance(open_record({"w-1": KEY.verify_key}, data), Refusal):
        raise NotBelieved


def _message(model: type[Message]) -> Callable[[bytes], object]:
    return lambda data: model.parse(model.parse(_dict(data)).body())


def _zip() -> bytes:
    pieces: list[bytes] = []
    archive = PaddedZip(lambda piece: pieces.append(bytes(piece)))
    manifest = Manifest(ID, "reply", str(HYBRID.recipient), None)
    archive.add(MANIFEST_NAME, manifest.to_json())
    archive.open(manifest.content_name)
    archive.update(b"A reply of some length.")
    for _ in archive.finish(partial(size_class, "reply")):
        pass
    return b"".join(pieces)


def _announcement() -> dict[str, object]:
    ids = {"instance": str(ID), "epoch": str(ID)}
    return {"worker": "w-1", "number": 1, "capacity": 4, "epoch_key": "QUJD", "keyset_generation": 1, **ids}


def _work() -> dict[str, object]:
    ids = {name: str(ID) for name in ("upload_id", "instance", "epoch")}
    return {"kind": "submission", "producer": "source-1", "worker": "w-1", "sealed": "QUJD", **ids}


def _finish() -> dict[str, object]:
    item = {"item_id": str(ID), "kind": "file", "payload_bytes": 70_000, "payload_sha256": HASH, "size_class": 65_536}
    return {"items": [item, item]}


def _answers() -> tuple[bytes, ...]:
    ids = {"upload_id": str(ID)}
    return (
        _json({"type": "accept", "work_sha256": HASH, "lane": "w-1-lane-0", "credit": 8, **ids}),
        _json({"type": "credit", "taken": 4, **ids}),
        _json({"type": "ping", **ids}),
        _json({"type": "done", "receipt": "QUJD", "source_card": None, **ids}),
        _json({"type": "fail", "code": "busy", **ids}),
    )


def _receipt() -> Receipt:
    item = ReceiptItem(ID, "message", 1, HASH, HASH, 16_384)
    return Receipt(ID, ID, (item, item), (HASH,), 3, KEY.hex)


def _body_of(context: str, blob: bytes) -> bytes:
    return _json(open_envelope(KEY.verify_key, context, blob))


def _audit_record() -> dict[str, object]:
    return {"service": "w-1", "chain": str(ID), "number": 0, "previous": "0" * 64, "name": "started", "minute": 1}


KEYSET: Final = sign_keyset(KEY, Keyset(3, (HYBRID.recipient,), None, None, "The Courier"))
RECEIPT: Final = sign_receipt(KEY, _receipt())
CARD: Final = sign_source_card(KEY, SourceCard(ID, str(HYBRID.recipient)))
HEADERS: Final = tuple(seal_header(FILE_KEY, [identity.recipient] * 2) for identity in (HYBRID, CLASSIC))
SECRETS: Final = {"upload_secret": HASH, "lookup_id": HASH, "reply_recipient": "age1x", "source_id": str(ID)}
REFUSED: Final = (BadSignature,)

TARGETS: Final = (
    Target("frame", _frame, (ProtocolError,), (Frame(ID, 7, FrameKind.DATA, 1, b"some bytes").encode(),)),
    Target("announcement", _message(Announcement), (ProtocolError,), (_json(_announcement()),)),
    Target("work", _message(Work), (ProtocolError,), (_json(_work()),)),
    Target("sealed", _message(Sealed), (ProtocolError,), (_json(SECRETS),)),
    Target("item start", _message(ItemStart), (ProtocolError,), (_json({"item_id": str(ID), "kind": "file"}),)),
    Target("finish", _message(Finish), (ProtocolError,), (_json(_finish()),)),
    Target("answer", lambda data: parse_answer(_dict(data)), (ProtocolError,), _answers()),
    Target("envelope", lambda data: open_envelope(KEY.verify_key, KEYSET_CONTEXT, data), REFUSED, (KEYSET,)),
    Target(
        "keyset",
        partial(_signed, KEYSET_CONTEXT, partial(open_keyset, KEY.public)),
        (BadKeyset,),
        (_body_of(KEYSET_CONTEXT, KEYSET), KEYSET),
    ),
    Target(
        "receipt",
        partial(_signed, RECEIPT_CONTEXT, partial(open_receipt, KEY.verify_key)),
        REFUSED,
        (_body_of(RECEIPT_CONTEXT, RECEIPT), RECEIPT),
    ),
    Target(
        "source card",
        partial(_signed, SOURCE_CARD_CONTEXT, partial(open_source_card, KEY.verify_key)),
        REFUSED,
        (_body_of(SOURCE_CARD_CONTEXT, CARD), CARD),
    ),
    Target(
        "audit record",
        partial(_signed, AUDIT_CONTEXT, _audit),
        (NotBelieved,),
        (_json(_audit_record()),),
    ),
    Target("header", _header, (HeaderFailure, CannotOpen), HEADERS),
    Target("armor", _armor, (ArmorFailure,), (armor(HEADERS[1] * 3), armor(b""))),
    Target("manifest", _manifest, (CannotOpen,), (Manifest(ID, "file", "age1x", "Ünïcode.pdf").to_json(),)),
    Target("item", open_item_bytes, (CannotOpen,), (_zip(),)),
)
