"""Sources that send what is large without holding it."""

import secrets
from collections.abc import Callable, Iterator

from tests.stack.people import SourceClient, SourceFile, was_received

MIB = 1024 * 1024


class Blocks:
    """So many MiB, each the same: nothing here compresses, and sealing makes them all different."""

    def __init__(self, mib: int, on_block: Callable[[], None] = lambda: None) -> None:
        self.mib = mib
        self._on_block = on_block

    def __iter__(self) -> Iterator[bytes]:
        block = secrets.token_bytes(MIB)
        for _ in range(self.mib):
            self._on_block()
            yield block


def send_large(source: SourceClient, mib: int, on_block: Callable[[], None] = lambda: None) -> None:
    """One file, with `on_block` before each MiB. Fails unless it was received."""
    answer = source.send("With a file.", [SourceFile("large.bin", Blocks(mib, on_block))])
    assert was_received(answer), answer.status_code
