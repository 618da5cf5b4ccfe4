"""Sending a reply: the body is one age file, sealed where it was written."""

import base64
from typing import Annotated
from uuid import UUID

from contract.audit import EventName
from fastapi import APIRouter, Header, Request
from handover.errors import HandOverFailed, NotConfirmed, Offline
from handover.producer import Stored
from sealing.receipts import receipt_digits

from journalist_api.errors import ApiError, Problem
from journalist_api.guard import caller_of
from journalist_api.models import ReplyAnswer
from journalist_api.replies import NotASealedReply, describe
from journalist_api.room import Room
from journalist_api.source_routes import found

AGE_FILE = "application/octet-stream"


def build(room: Room) -> APIRouter:
    """The one route that adds to a conversation: by way of the worker."""
    router = APIRouter(tags=["replies"])

    @router.post("/sources/{source_id}/replies", status_code=201, openapi_extra=_BODY)
    async def reply(source_id: UUID, request: Request, x_item_id: Annotated[UUID, Header()]) -> ReplyAnswer:
        """`X-Item-Id` is the item id inside the sealed manifest."""
        if request.headers.get("content-type") != AGE_FILE:
            raise ApiError(Problem.NOT_A_SEALED_REPLY)
        stored = await _send(room, source_id, x_item_id, await request.body())
        room.audit.record(EventName.JOURNALIST_REPLIED, journalist=caller_of(request).journalist.id)
        return ReplyAnswer(
            item_id=x_item_id,
            position=stored.receipt.items[0].position,
            receipt=base64.b64encode(stored.receipt_blob).decode("ascii"),
            receipt_digits=receipt_digits(stored.receipt_blob),
        )

    return router


_BODY = {"requestBody": {"required": True, "content": {AGE_FILE: {"schema": {"type": "string", "format": "binary"}}}}}


async def _send(room: Room, source_id: UUID, item_id: UUID, age_file: bytes) -> Stored:
    await found(room, source_id)
    try:
        return await room.sender.send(source_id, describe(item_id, age_file), age_file)
    except NotASealedReply:
        raise ApiError(Problem.NOT_A_SEALED_REPLY) from None
    except Offline:
        raise ApiError(Problem.OFFLINE) from None
    except HandOverFailed:
        raise ApiError(Problem.NOT_STORED) from None
    except NotConfirmed:
        raise ApiError(Problem.NOT_CONFIRMED) from None
