"""How many uploads at once, in all and per Tor circuit. A circuit is no identity: its id stays in memory, uncounted
once the upload ends."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from source_api.refusals import Reason, Refusal


class Gate:
    """Counts those inside."""

    def __init__(self, most: int, most_per_circuit: int) -> None:
        self._most = most
        self._most_per_circuit = most_per_circuit
        self._inside: Counter[str] = Counter()

    @contextmanager
    def enter(self, circuit: str) -> Iterator[None]:
        """`circuit` is empty where tor names none. Errors: Refusal."""
        is_full = self._inside.total() >= self._most
        if is_full or (circuit and self._inside[circuit] >= self._most_per_circuit):
            raise Refusal(Reason.BUSY)
        self._inside[circuit] += 1
        try:
            yield
        finally:
            self._inside[circuit] -= 1
            if not self._inside[circuit]:
                del self._inside[circuit]
