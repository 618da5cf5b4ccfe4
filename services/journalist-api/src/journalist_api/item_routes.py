"""One item: its age file (whole or in part), its receipt, its end."""

from functools import partial
from uuid import UUID

from contract.audit import EventName
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from journalist_api.download import stream
from journalist_api.errors import ApiError, Problem
from journalist_api.guard import caller_of
from journalist_api.names import attachment, file_name, receipt_name
from journalist_api.ranges import Span, Unsatisfiable, wanted_span
from journalist_api.room import Room
from journalist_api.store import StoredItem


def build(room: Room) -> APIRouter:
    """Routes of items."""
    router = APIRouter(tags=["items"])

    @router.get("/items/{item_id}/file", response_class=StreamingResponse)
    async def file(item_id: UUID, request: Request) -> Response:
        stored = await _found(room, item_id)
        part = _part(stored, request)
        size = stored.item.file_bytes
        span = part or Span(0, size, size)
        headers = _file_headers(stored, span)
        if part is not None:
            headers["content-range"] = part.content_range
        body = stream(stored.header, span, partial(room.store.chunks, item_id))
        status = 200 if part is None else 206
        return StreamingResponse(body, status_code=status, headers=headers, media_type="application/octet-stream")

    @router.get("/items/{item_id}/receipt")
    async def receipt(item_id: UUID) -> Response:
        stored = await _found(room, item_id)
        blob = await room.store.receipt(stored.item.submission_id)
        if blob is None:
            raise ApiError(Problem.NOT_FOUND)
        headers = {"content-disposition": attachment(receipt_name(stored))}
        return Response(blob, headers=headers, media_type="application/octet-stream")

    @router.delete("/items/{item_id}", status_code=204)
    async def delete_item(item_id: UUID, request: Request) -> Response:
        if not await room.store.delete_item(item_id):
            raise ApiError(Problem.NOT_FOUND)
        room.audit.record(EventName.JOURNALIST_DELETED, journalist=caller_of(request).journalist.id)
        return Response(status_code=204)

    return router


async def _found(room: Room, item_id: UUID) -> StoredItem:
    stored = await room.store.item(item_id)
    if stored is None:
        raise ApiError(Problem.NOT_FOUND)
    return stored


def _part(stored: StoredItem, request: Request) -> Span | None:
    size = stored.item.file_bytes
    asked, if_range = request.headers.get("range"), request.headers.get("if-range")
    try:
        return wanted_span(asked, if_range, _etag(stored), size)
    except Unsatisfiable:
        raise ApiError(Problem.BAD_RANGE, {"content-range": f"bytes */{size}"}) from None


def _file_headers(stored: StoredItem, span: Span) -> dict[str, str]:
    return {
        "accept-ranges": "bytes",
        "content-disposition": attachment(file_name(stored)),
        "content-length": str(span.length),
        "etag": _etag(stored),
    }


def _etag(stored: StoredItem) -> str:
    return f'"{stored.item.file_sha256.hex()}"'
