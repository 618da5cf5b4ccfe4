"""A request's body, as it arrives: counted, and what is not wanted dropped at a bounded rate.

Starlette's `request.stream()` is a generator that a cancelled read would end; this can be read on after one.
"""

import asyncio
from collections.abc import Callable

from starlette.types import Receive


class ClientGone(Exception):
    """The connection ended before the body did."""


class Body:
    """Chunks of one request. `on_bytes` is told of every byte, also of dropped ones."""

    def __init__(self, receive: Receive, on_bytes: Callable[[int], None] = lambda _: None) -> None:
        self._receive = receive
        self.on_bytes = on_bytes
        self.received = 0
        self.is_over = False

    async def read(self) -> bytes:
        """The next chunk; empty at the end, and sometimes before it. Errors: ClientGone."""
        if self.is_over:
            return b""
        message = await self._receive()
        if message["type"] != "http.request":
            self.is_over = True
            raise ClientGone
        chunk: bytes = message.get("body", b"")
        self.is_over = not message.get("more_body", False)
        self.received += len(chunk)
        self.on_bytes(len(chunk))
        return chunk

    async def drop(self, most_bytes: int, bytes_per_second: int) -> bool:
        """Read what is left and forget it; true if that was all of it. Errors: ClientGone.

        Browsers show an answer only when their upload has ended.
        """
        dropped = 0
        while not self.is_over and dropped < most_bytes:
            count = len(await self.read())
            dropped += count
            await asyncio.sleep(count / bytes_per_second)
        return self.is_over
