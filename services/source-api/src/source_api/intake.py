"""The plaintext path: a form's bytes become sealed items as they arrive. Nothing of them is kept, written or logged.

Theory: the order token, message, files is the form's own, and it is enforced: no byte of a file is looked at before a
valid token. Plaintext held at once is one chunk of the connection, a chunk inside the sealer, and the message while it
is being read (at most 400,000 bytes: it must be counted before it is sealed).
docs/protocol.md, steps 1 to 3.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, Protocol, Self
from uuid import UUID, uuid4

from contract.limits import MAX_ITEMS, MESSAGE_CHARACTERS
from contract.messages import FinishedItem, ItemKind
from handover.producer import Stored, Transfer
from sealing.item import ItemSealer

from source_api.multipart import Event, MultipartReader, NotAForm, PartBegins, PartBytes, slices
from source_api.refusals import Reason, Refusal

_MOST_TOKEN_BYTES: Final = 256
_MOST_PARTS: Final = MAX_ITEMS + 8  #: token, message, files; empty ones too, which are no items but take our time
_MOST_MESSAGE_BYTES: Final = 4 * MESSAGE_CHARACTERS  #: UTF-8 takes at most four bytes for one


class Host(Protocol):
    """What intake asks of who runs it."""

    async def on_token(self, token: str) -> None:
        """Errors: Refusal, or whatever ends this post early."""

    async def begin(self) -> tuple[Transfer, str]:
        """Open the hand-over; with the source's own reply recipient. Errors: Refusal, HandOverError."""


class Intake:
    """One post. `async with` aborts the hand-over unless `finish` returned."""

    def __init__(self, boundary: bytes, host: Host) -> None:
        self._reader = MultipartReader(boundary)
        self._host = host
        self._stack = AsyncExitStack()
        self._transfer: Transfer | None = None
        self._recipient = ""
        self._part: _Part | None = None
        self._parts = 0
        self._seen: list[str] = []
        self._finished: list[FinishedItem] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *details: object) -> None:
        await self._stack.aclose()

    async def take(self, chunk: bytes) -> None:
        """The next bytes. Errors: Refusal, HandOverError."""
        for piece in slices(chunk):
            try:
                events = self._reader.feed(piece)
            except NotAForm:
                raise Refusal(Reason.MALFORMED) from None
            for event in events:
                await self._handle(event)

    async def finish(self) -> tuple[Stored, UUID, int]:
        """After the last byte: the worker's answer, the upload's id, how many items. Errors: Refusal, HandOverError."""
        if not self._reader.is_complete or "csrf_token" not in self._seen:
            raise Refusal(Reason.MALFORMED)
        if self._transfer is None:
            raise Refusal(Reason.EMPTY)
        stored = await self._transfer.finish(self._finished)
        return stored, self._transfer.upload_id, len(self._finished)

    async def _handle(self, event: Event) -> None:
        if isinstance(event, PartBegins):
            self._part = self._open(event)
            await self._part.begin()
        elif self._part is not None and isinstance(event, PartBytes):
            await self._part.update(event.data)
        elif self._part is not None:
            await self._part.end()
            self._part = None

    def _open(self, begins: PartBegins) -> "_Part":
        """Only the form's own fields, in its own order. Errors: Refusal."""
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise Refusal(Reason.TOO_MANY)
        is_first = begins.name not in self._seen
        earlier = set(self._seen)
        self._seen.append(begins.name)
        if begins.name == "csrf_token" and is_first and not earlier:
            return _Token(self._host.on_token)
        if "csrf_token" not in earlier:
            raise Refusal(Reason.EXPIRED)
        if begins.name == "message" and is_first and "files" not in earlier:
            return _Message(self._seal)
        if begins.name == "files":
            if not is_first:
                self._seen.pop()
            return _File(self._seal, begins.file_name)
        raise Refusal(Reason.MALFORMED)

    async def _seal(self, kind: ItemKind, name: str | None) -> "_Item":
        """The next item. The first one opens the hand-over: an empty form never does."""
        number = len(self._finished)
        if number >= MAX_ITEMS:
            raise Refusal(Reason.TOO_MANY)
        if self._transfer is None:
            self._transfer, self._recipient = await self._host.begin()
            await self._stack.enter_async_context(self._transfer)
        transfer, item_id = self._transfer, uuid4()
        key = transfer.secret.item_key(transfer.upload_id.bytes, number)
        await transfer.start_item(kind, item_id)
        sealer = ItemSealer(key, kind.value, item_id, self._recipient, name)
        return _Item(transfer, sealer, kind, item_id, self._finished.append)


class _Part(Protocol):
    """One field of the form as it arrives."""

    async def begin(self) -> None: ...
    async def update(self, plaintext: bytes) -> None: ...
    async def end(self) -> None: ...


class _Item:
    """One item on its way to the worker."""

    def __init__(
        self,
        transfer: Transfer,
        sealer: ItemSealer,
        kind: ItemKind,
        item_id: UUID,
        done: Callable[[FinishedItem], None],
    ) -> None:
        self._transfer, self._sealer = transfer, sealer
        self._kind, self._item_id, self._done = kind, item_id, done

    async def update(self, plaintext: bytes) -> None:
        await self._send(self._sealer.update(plaintext))

    async def end(self) -> None:
        for sealed in self._sealer.finish():
            await self._send(sealed)
        self._done(
            FinishedItem(
                item_id=self._item_id,
                kind=self._kind,
                payload_bytes=self._sealer.payload_bytes,
                payload_sha256=self._sealer.payload_sha256,
                size_class=self._sealer.size_class,
            )
        )

    async def _send(self, sealed: bytes) -> None:
        if sealed:
            await self._transfer.send(sealed)


Seal = Callable[[ItemKind, str | None], Awaitable[_Item]]


class _Token:
    def __init__(self, check: Callable[[str], Awaitable[None]]) -> None:
        self._check = check
        self._text = bytearray()

    async def begin(self) -> None:
        pass

    async def update(self, plaintext: bytes) -> None:
        self._text += plaintext
        if len(self._text) > _MOST_TOKEN_BYTES:
            raise Refusal(Reason.EXPIRED)

    async def end(self) -> None:
        await self._check(self._text.decode("ascii", "replace"))


class _Message:
    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._text = bytearray()

    async def begin(self) -> None:
        pass

    async def update(self, plaintext: bytes) -> None:
        self._text += plaintext
        if len(self._text) > _MOST_MESSAGE_BYTES:
            raise Refusal(Reason.TOO_LONG)

    async def end(self) -> None:
        try:
            message = self._text.decode("utf-8").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise Refusal(Reason.MALFORMED) from None
        if len(message) > MESSAGE_CHARACTERS:
            raise Refusal(Reason.TOO_LONG)
        self._text.clear()
        if message.strip():
            item = await self._seal(ItemKind.MESSAGE, None)
            await item.update(message.encode("utf-8"))
            await item.end()


class _File:
    """A file field. Browsers send one without a name when nothing was chosen; only if it holds bytes is it an item."""

    def __init__(self, seal: Seal, name: str | None) -> None:
        self._seal, self._name = seal, name or None
        self._item: _Item | None = None

    async def begin(self) -> None:
        if self._name is not None:
            self._item = await self._seal(ItemKind.FILE, self._name)

    async def update(self, plaintext: bytes) -> None:
        if self._item is None:
            self._item = await self._seal(ItemKind.FILE, self._name)
        await self._item.update(plaintext)

    async def end(self) -> None:
        if self._item is not None:
            await self._item.end()
