"""The fence of replies: two words, and whatever else the database says is no answer."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest
from handover.errors import FenceUnavailable
from journalist_api.fence import StoreFence
from journalist_api.store import Store


class Rows:
    """A database with one answer."""

    def __init__(self, row: dict[str, Any] | None) -> None:
        self._row = row

    async def fetch(self, name: str, *arguments: object) -> Sequence[Any]:
        raise AssertionError(name)

    async def fetchrow(self, name: str, *arguments: object) -> Any | None:
        assert name == "give_up"
        return self._row

    async def fetchval(self, name: str, *arguments: object) -> Any:
        raise AssertionError(name)

    async def execute(self, name: str, *arguments: object) -> str:
        raise AssertionError(name)


async def ask(row: dict[str, Any] | None) -> bytes | None:
    return await StoreFence(Store(Rows(row))).give_up(uuid4())


async def test_the_fence_says_stored_with_a_receipt_or_given_up() -> None:
    assert await ask({"state": "stored", "receipt": b"receipt"}) == b"receipt"
    assert await ask({"state": "given_up", "receipt": None}) is None


@pytest.mark.parametrize(
    "row",
    [None, {"state": "stored", "receipt": None}, {"state": "given_up", "receipt": b"x"}],
    ids=["nothing", "stored without a receipt", "given up with one"],
)
async def test_anything_else_is_no_answer(row: dict[str, Any] | None) -> None:
    with pytest.raises(FenceUnavailable):
        await ask(row)
