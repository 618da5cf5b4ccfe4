"""Takes one upload from its lane into the vault (docs/protocol.md, steps 5 to 9).

Theory of the order: the lane is purged before `accept`, so nothing of an earlier upload is in it. `done` is said only
after COMMIT returned, `fail` only when nothing was or will be committed, and nothing at all when COMMIT got no answer:
the outcome fence settles that. At the end frames stop first, then batches under way, and only then is what they wrote
discarded; a batch that outlives its upload would leave chunks nobody owns.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.audit import AuditTrail
from chassis.bus import Bus, BusError, Consumer
from chassis.logs import Log
from contract.audit import EventName
from contract.errors import ProtocolError
from contract.frames import Frame
from contract.limits import PING_SECONDS, SILENCE_SECONDS
from contract.messages import FailCode, ItemStart, UploadKind
from contract.topology import lane_queue
from sealing.keyset import Keyset

from crypto_worker.answers import Answers
from crypto_worker.chunks import Chunk
from crypto_worker.errors import Abandoned, Altered, Broken, Failed, OutcomeUnknown, StoreError
from crypto_worker.items import Item, StoredItem, SubmissionItem
from crypto_worker.keyset import recipients_for
from crypto_worker.notes import Note
from crypto_worker.pipeline import Pipeline
from crypto_worker.receipt import Signatory
from crypto_worker.reply import ReplyItem
from crypto_worker.store import Closing, Committed, Vault
from crypto_worker.upload import BeginItem, Complete, Grant, Upload
from crypto_worker.work import Admitted

SAY_SECONDS: Final = 5.0  #: a broker that does not take the last word in this time is not waited for


@dataclass(frozen=True, slots=True)
class House:
    """What every reception shares."""

    bus: Bus
    vault: Vault
    keyset: Keyset
    signatory: Signatory
    audit: AuditTrail
    log: Log
    credit_frames: int
    silence_seconds: float = SILENCE_SECONDS


class Reception:
    """One upload under way. Make one, `await run()` once."""

    def __init__(self, house: House, admitted: Admitted, lane: str, answers: Answers) -> None:
        self._house = house
        self._admitted = admitted
        self._upload_id: UUID = admitted.sender.upload_id
        self._lane = lane
        self._answers = answers
        self._upload = Upload(self._upload_id, admitted.sender.kind, admitted.secret, self._new_item)
        self._pipeline = Pipeline(house.vault.write)
        self._limit = asyncio.timeout(None)
        self._is_receiving = False
        self._interrupted: FailCode | None = None

    def interrupt(self, code: FailCode) -> None:
        """Fail with this code. Too late once all frames are in: the last transaction ends as it ends."""
        if self._interrupted is None:
            self._interrupted = code
            if self._is_receiving and not self._limit.expired():
                self._limit.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        """Until the upload is stored or failed, and nothing is left of it."""
        try:
            committed = await self._store()
        except (Abandoned, OutcomeUnknown, Failed, StoreError, BusError) as error:
            self._report(error)
            await self._clear(_fail_code(error))
        except BaseException:
            await self._clear(FailCode.BROKEN)
            raise
        else:
            await self._say_done(committed)

    async def _store(self) -> Committed:
        """The lane is let go before the last transaction: nothing that fails there may be mistaken for its failure."""
        await self._house.bus.purge(lane_queue(self._lane))
        await self._house.vault.open(self._upload_id)
        async with self._pinging():
            return await self._commit(await self._receive())

    async def _receive(self) -> tuple[StoredItem, ...]:
        """Errors: Failed with TIMEOUT when the producer falls silent, or with the code of an interruption."""
        credit = self._house.credit_frames
        async with self._house.bus.consume(lane_queue(self._lane), prefetch=credit) as consumer:
            await self._answers.accept(self._lane, credit)
            if self._interrupted is not None:
                raise Failed(self._interrupted, "interrupted before the first frame")
            try:
                async with self._limit:
                    self._is_receiving = True
                    return await self._take_frames(consumer)
            except TimeoutError as error:
                raise Failed(self._interrupted or FailCode.TIMEOUT, "silence, or interrupted") from error
            finally:
                self._is_receiving = False

    async def _take_frames(self, consumer: Consumer) -> tuple[StoredItem, ...]:
        self._listen()
        async for delivery in consumer:
            await delivery.ack()
            frame = _decoded(delivery.body)
            if not self._upload.owns(frame):
                continue  # left by an earlier upload; no sign of life of this one
            self._set_limit(None)  # our own calls have limits of their own
            for effect in self._upload.take(frame):
                if isinstance(effect, Complete):
                    return effect.items
                await self._carry_out(effect)
            self._pipeline.check()
            self._listen()
        raise Broken("the lane ended")

    async def _carry_out(self, effect: BeginItem | Chunk | Grant | Complete) -> None:
        match effect:
            case BeginItem(item_id):
                await self._house.vault.begin_item(self._upload_id, item_id)
            case Chunk():
                await self._pipeline.put(effect)
            case Grant(taken):
                await self._answers.credit(taken)
            case Complete():
                raise AssertionError("nothing is left to carry out")

    async def _commit(self, items: tuple[StoredItem, ...]) -> Committed:
        await self._pipeline.flush()
        signatory, admitted = self._house.signatory, self._admitted
        card = signatory.source_card(admitted.binding)
        return await self._house.vault.commit(
            Closing(admitted, items, card, lambda first: signatory.receipt(admitted, items, first))
        )

    async def _say_done(self, committed: Committed) -> None:
        """If the broker does not take it the producer asks the outcome fence, and finds the same receipt."""
        self._house.log.count(Note.STORED)
        try:
            async with asyncio.timeout(SAY_SECONDS):
                await self._answers.done(committed)
        except (BusError, TimeoutError):
            self._house.log.count(Note.ANSWER_LOST)

    async def _clear(self, code: FailCode | None) -> None:
        """Say `fail`, stop writing, discard: in this order, and each whatever became of the one before."""
        if code is not None:
            try:
                async with asyncio.timeout(SAY_SECONDS):
                    await self._answers.fail(code)
            except (BusError, TimeoutError):
                self._house.log.count(Note.ANSWER_LOST)
        await self._pipeline.close()
        await self._house.vault.discard(self._upload_id)

    def _report(self, error: Exception) -> None:
        self._house.log.count(Note.UNCERTAIN if isinstance(error, OutcomeUnknown) else Note.NOT_STORED)
        if isinstance(error, Altered):
            self._house.audit.record(EventName.FORGED_MESSAGE)
        elif isinstance(error, OutcomeUnknown) or _fail_code(error) is FailCode.STORE:
            self._house.audit.record(EventName.STORE_FAILED)

    def _listen(self) -> None:
        self._set_limit(asyncio.get_running_loop().time() + self._house.silence_seconds)

    def _set_limit(self, when: float | None) -> None:
        """An interruption stays: its limit is in the past and is not moved again."""
        if self._interrupted is None:
            self._limit.reschedule(when)

    @asynccontextmanager
    async def _pinging(self) -> AsyncGenerator[None]:
        task = asyncio.create_task(self._ping())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_SECONDS)
            with suppress(BusError):  # a lost ping shows at the producer, and a lost connection in the lane
                await self._answers.ping()

    def _new_item(self, number: int, start: ItemStart) -> Item:
        keyset, binding = self._house.keyset, self._admitted.binding
        if self._admitted.sender.kind is UploadKind.REPLY:
            return ReplyItem(start, keyset)
        file_key = self._admitted.secret.item_key(self._upload_id.bytes, number)
        return SubmissionItem(start, file_key, recipients_for(keyset, binding.source_id))


def _decoded(body: bytes) -> Frame:
    try:
        return Frame.decode(body)
    except ProtocolError as error:
        raise Broken("not a frame") from error


def _fail_code(error: Exception) -> FailCode | None:
    """What the producer is told. Nothing if nobody listens, or if COMMIT may have succeeded."""
    match error:
        case Abandoned() | OutcomeUnknown():
            return None
        case Failed(code=code):
            return code
        case StoreError():
            return FailCode.STORE
        case _:
            return FailCode.BROKEN
