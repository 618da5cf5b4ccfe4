"""One parser as something to throw bytes at."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Target:
    """`take` may raise nothing but `errors`, the parser's documented ones; whatever else it raises is a find.

    `samples` are valid: without them random bytes would never get past the first check.
    """

    name: str
    take: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    samples: tuple[bytes, ...] = field(repr=False)

    def feed(self, data: bytes) -> bool:
        """Whether the bytes were accepted. Errors: what the parser must never raise."""
        try:
            self.take(data)
        except self.errors:
            return False
        return True
