"""What the worker says to producers: signed, to the answers queue of the one that asked (docs/protocol.md, step 5)."""

from chassis.bus import Bus
from contract.messages import ANSWER_CONTEXT, Accept, Answer, Credit, Done, Fail, FailCode, Ping
from contract.topology import ANSWERS, Route
from sealing.signing import SigningKey, sign_envelope

from crypto_worker.base64_text import to_base64
from crypto_worker.store import Committed
from crypto_worker.work import Sender


class Answers:
    """Answers about one upload. All methods raise BusError when the broker does not take the message."""

    def __init__(self, bus: Bus, identity: SigningKey, sender: Sender) -> None:
        self._bus = bus
        self._identity = identity
        self._sender = sender

    async def accept(self, lane: str, credit: int) -> None:
        sender = self._sender
        await self._say(Accept(upload_id=sender.upload_id, work_sha256=sender.work_sha256, lane=lane, credit=credit))

    async def credit(self, taken: int) -> None:
        await self._say(Credit(upload_id=self._sender.upload_id, taken=taken))

    async def ping(self) -> None:
        await self._say(Ping(upload_id=self._sender.upload_id))

    async def done(self, committed: Committed) -> None:
        card = None if committed.card is None else to_base64(committed.card)
        receipt = to_base64(committed.receipt)
        await self._say(Done(upload_id=self._sender.upload_id, receipt=receipt, source_card=card))

    async def fail(self, code: FailCode) -> None:
        await self._say(Fail(upload_id=self._sender.upload_id, code=code))

    async def _say(self, answer: Answer) -> None:
        envelope = sign_envelope(self._identity, ANSWER_CONTEXT, answer.body())
        await self._bus.publish(Route(ANSWERS, self._sender.producer), envelope)
