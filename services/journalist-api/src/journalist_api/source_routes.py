"""Sources and their conversations."""

import base64
from uuid import UUID

from contract.audit import EventName
from fastapi import APIRouter, Request, Response

from journalist_api.errors import ApiError, Problem
from journalist_api.guard import caller_of
from journalist_api.models import ItemAnswer, ItemsAnswer, KeysetAnswer, SourceAnswer, SourcesAnswer
from journalist_api.room import Room
from journalist_api.store import Item, Source


def build(room: Room) -> APIRouter:
    """Routes of sources, and the keyset replies are sealed to."""
    router = APIRouter(tags=["sources"])

    @router.get("/sources")
    async def sources() -> SourcesAnswer:
        return SourcesAnswer(sources=[source_answer(source) for source in await room.store.sources()])

    @router.get("/sources/{source_id}")
    async def source(source_id: UUID) -> SourceAnswer:
        return source_answer(await found(room, source_id))

    @router.get("/sources/{source_id}/items")
    async def items(source_id: UUID) -> ItemsAnswer:
        await found(room, source_id)
        return ItemsAnswer(items=[item_answer(item) for item in await room.store.items(source_id)])

    @router.delete("/sources/{source_id}", status_code=204)
    async def delete_source(source_id: UUID, request: Request) -> Response:
        if not await room.store.delete_source(source_id):
            raise ApiError(Problem.NOT_FOUND)
        room.audit.record(EventName.JOURNALIST_DELETED, journalist=caller_of(request).journalist.id)
        return Response(status_code=204)

    @router.get("/keyset")
    async def keyset() -> KeysetAnswer:
        blob = base64.b64encode(room.keyset.blob).decode("ascii")
        return KeysetAnswer(generation=room.keyset.keyset.generation, keyset=blob)

    return router


async def found(room: Room, source_id: UUID) -> Source:
    """The source. Errors: ApiError where there is none."""
    source = await room.store.source(source_id)
    if source is None:
        raise ApiError(Problem.NOT_FOUND)
    return source


def source_answer(source: Source) -> SourceAnswer:
    """JSON form."""
    return SourceAnswer(
        id=source.id,
        designation=source.designation,
        items=source.items,
        newest_day=source.newest_day,
        starred=source.starred,
        reply_recipient=source.reply_recipient,
        source_card=base64.b64encode(source.card).decode("ascii"),
    )


def item_answer(item: Item) -> ItemAnswer:
    """JSON form."""
    return ItemAnswer(
        id=item.id,
        submission_id=item.submission_id,
        kind=item.kind,
        position=item.position,
        size_class=item.size_class,
        file_bytes=item.file_bytes,
        file_sha256=item.file_sha256.hex(),
    )
