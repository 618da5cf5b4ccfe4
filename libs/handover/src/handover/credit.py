"""How many frames may be under way. Pure."""

from contract.errors import ProtocolError
from contract.limits import MAX_CREDIT_FRAMES


class CreditWindow:
    """Counts frames sent and frames the worker says it took. Never trusts it beyond our own maximum."""

    def __init__(self, credit: int) -> None:
        self._credit = max(1, min(credit, MAX_CREDIT_FRAMES))
        self.sent = 0
        self.taken = 0

    @property
    def has_room(self) -> bool:
        return self.sent - self.taken < self._credit

    @property
    def is_settled(self) -> bool:
        """Nothing is under way."""
        return self.sent == self.taken

    def next_number(self) -> int:
        """The number of the frame about to be sent."""
        number, self.sent = self.sent, self.sent + 1
        return number

    def take(self, taken: int) -> bool:
        """All frames below `taken` are taken; True if that is news. Errors: ProtocolError beyond what was sent."""
        if taken > self.sent:
            raise ProtocolError("credit for frames that were never sent")
        is_news = taken > self.taken
        self.taken = max(self.taken, taken)
        return is_news
