"""A worker that follows a test's script: honest by default, and each lie is one argument."""

import asyncio
import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from chassis.bus import Bus
from contract.frames import Frame, FrameKind
from contract.messages import (
    ANNOUNCE_CONTEXT,
    ANSWER_CONTEXT,
    WORK_CONTEXT,
    Accept,
    Announcement,
    Answer,
    Credit,
    Done,
    Finish,
    Sealed,
    Work,
    work_info,
)
from contract.topology import ANNOUNCE, ANSWERS, Route, lane_name, lane_queue, work_queue
from handover.errors import FenceUnavailable
from sealing.epoch import EpochKey
from sealing.receipts import Receipt, ReceiptItem, SourceCard, sign_receipt, sign_source_card
from sealing.secrets import UploadSecret
from sealing.signing import SigningKey, VerifyKey, open_envelope, sign_envelope

MAC_BYTES = 32


@dataclass(frozen=True)
class Taken:
    """A work message this worker received."""

    blob: bytes
    work: Work
    sealed: Sealed

    @property
    def secret(self) -> UploadSecret:
        return UploadSecret(bytes.fromhex(self.sealed.upload_secret))


class ScriptedWorker:
    """One worker process, one epoch."""

    def __init__(self, bus: Bus, producer_key: VerifyKey, name: str = "worker-1") -> None:
        self.name = name
        self.bus = bus
        self.key = SigningKey.generate()
        self.epoch_key, self.epoch = EpochKey.generate(), uuid.uuid4()
        self.instance = uuid.uuid4()
        self.frames: list[Frame] = []
        self._producer_key = producer_key
        self._number = 0

    def announcement(self, **changes: Any) -> bytes:
        """The next signed announcement."""
        key = changes.pop("key", self.key)
        said = Announcement(
            worker=self.name,
            instance=self.instance,
            number=self._number,
            capacity=8,
            epoch=self.epoch,
            epoch_key=base64.b64encode(self.epoch_key.public).decode(),
            keyset_generation=1,
        )
        self._number += 1
        return sign_envelope(key, ANNOUNCE_CONTEXT, said.model_copy(update=changes).body())

    async def announce(self, **changes: Any) -> None:
        await self.bus.publish(Route(ANNOUNCE), self.announcement(**changes))

    async def take(self) -> Taken:
        """The next work message, opened."""
        async with self.bus.consume(work_queue(self.name)) as works:
            delivery = await anext(works)
            await delivery.ack()
        work = Work.parse(open_envelope(self._producer_key, WORK_CONTEXT, delivery.body))
        info = work_info(work.upload_id, self.name, work.epoch)
        sealed = Sealed.parse(json.loads(self.epoch_key.open(info, base64.b64decode(work.sealed))))
        return Taken(delivery.body, work, sealed)

    async def answer(self, taken: Taken, answer: Answer, key: SigningKey | None = None) -> None:
        blob = sign_envelope(key or self.key, ANSWER_CONTEXT, answer.body())
        await self.bus.publish(Route(ANSWERS, taken.work.producer), blob)

    async def accept(self, taken: Taken, credit: int = 8, **changes: Any) -> None:
        digest = hashlib.sha256(taken.blob).hexdigest()
        accept = Accept(upload_id=taken.work.upload_id, work_sha256=digest, lane=lane_name(self.name, 0), credit=credit)
        await self.answer(taken, accept.model_copy(update=changes))

    async def receive(self, taken: Taken, *, until: FrameKind = FrameKind.FINISH) -> Frame:
        """Takes frames and grants credit for each, until one of this kind; checks numbers and the MAC of FINISH."""
        async with self.bus.consume(lane_queue(lane_name(self.name, 0)), prefetch=64) as lane:
            async for delivery in lane:
                await delivery.ack()
                frame = Frame.decode(delivery.body)
                assert frame.upload_id == taken.work.upload_id
                assert frame.number == len(self.frames), "frames arrive in order and without gaps"
                self.frames.append(frame)
                if frame.kind is until:
                    return frame
                await self.answer(taken, Credit(upload_id=frame.upload_id, taken=len(self.frames)))
        raise AssertionError("the lane ended")

    def payloads(self) -> list[bytes]:
        """What arrived, item by item."""
        items: dict[int, bytes] = {}
        for frame in self.frames:
            if frame.kind is FrameKind.DATA:
                items[frame.item] = items.get(frame.item, b"") + frame.body
        return [items[number] for number in sorted(items)]

    def receipt(self, taken: Taken, finish: Frame, **changes: Any) -> Receipt:
        """What an honest worker signs, with lies on top."""
        mac, body = finish.body[:MAC_BYTES], finish.body[MAC_BYTES:]
        assert mac == taken.secret.finish_mac(taken.work.upload_id.bytes, body)
        items = tuple(
            ReceiptItem(item.item_id, str(item.kind), position, item.payload_sha256, "ab" * 32, item.size_class)
            for position, item in enumerate(Finish.parse(json.loads(body)).items, 1)
        )
        honest = Receipt(taken.work.upload_id, taken.sealed.source_id, items, ("cd" * 32,), 1, self.key.verify_key.hex)
        return replace(honest, **changes)

    def card(self, taken: Taken) -> bytes:
        card = SourceCard(taken.sealed.source_id, taken.sealed.reply_recipient or "")
        return sign_source_card(self.key, card)

    async def done(self, taken: Taken, receipt_blob: bytes, card: bytes | None = None) -> None:
        text = None if card is None else base64.b64encode(card).decode()
        receipt = base64.b64encode(receipt_blob).decode()
        await self.answer(taken, Done(upload_id=taken.work.upload_id, receipt=receipt, source_card=text))

    async def serve(self) -> Receipt:
        """One honest upload from work message to done."""
        taken = await self.take()
        await self.accept(taken)
        receipt = self.receipt(taken, await self.receive(taken))
        await self.done(taken, sign_receipt(self.key, receipt))
        return receipt


class ScriptedFence:
    """An outcome fence in memory. `stored`: receipts by upload. While `is_away`, nobody gets an answer."""

    def __init__(self) -> None:
        self.stored: dict[UUID, bytes] = {}
        self.given_up: set[UUID] = set()
        self.is_away = False
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def give_up(self, upload_id: UUID) -> bytes | None:
        self.asked.set()
        await self.may_answer.wait()
        if self.is_away:
            raise FenceUnavailable("away")
        if upload_id not in self.stored:
            self.given_up.add(upload_id)
        return self.stored.get(upload_id)
