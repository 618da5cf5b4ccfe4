"""The outcome fence of replies: one database function (docs/protocol.md, steps 7 and 9)."""

from uuid import UUID

from chassis.postgres import DatabaseError
from handover.errors import FenceUnavailable

from journalist_api.store import Store


class StoreFence:
    """handover.fence.OutcomeFence over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def give_up(self, upload_id: UUID) -> bytes | None:
        """None: it will never be stored. Otherwise the receipt. Errors: FenceUnavailable."""
        try:
            return await self._store.give_up(upload_id)
        except DatabaseError:
            raise FenceUnavailable("the database does not answer") from None
