"""Hands a sealed reply to a worker and waits until it is stored. docs/protocol.md, steps 4 to 9."""

from typing import Protocol
from uuid import UUID

from contract.messages import FinishedItem, ItemKind, UploadKind
from handover.producer import HandOver, Stored


class Sender(Protocol):
    """Where a reply goes."""

    async def send(self, source_id: UUID, reply: FinishedItem, age_file: bytes) -> Stored: ...


class HandOverSender:
    """The real one."""

    def __init__(self, hand_over: HandOver) -> None:
        self._hand_over = hand_over

    async def send(self, source_id: UUID, reply: FinishedItem, age_file: bytes) -> Stored:
        """Returns only after the worker's receipt verified. Errors: handover.errors.HandOverError."""
        async with await self._hand_over.begin(UploadKind.REPLY, source_id) as transfer:
            await transfer.start_item(ItemKind.REPLY, reply.item_id)
            await transfer.send(age_file)
            return await transfer.finish([reply])
