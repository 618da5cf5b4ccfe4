"""Waiting for something that happens soon, without guessing how soon."""

import asyncio
from collections.abc import Callable

import pytest


async def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Returns as soon as the condition holds; the test fails when it does not within the time."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"did not happen within {seconds} s")
