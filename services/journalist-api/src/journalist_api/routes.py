"""All addresses below /api/v1. The guard has let the caller through; each router is thin."""

from fastapi import APIRouter

from journalist_api import item_routes, login_routes, reply_routes, source_routes
from journalist_api.room import Room

PREFIX = "/api/v1"


def build(room: Room) -> APIRouter:
    """One router of all routes."""
    router = APIRouter(prefix=PREFIX)
    for part in (login_routes, source_routes, item_routes, reply_routes):
        router.include_router(part.build(room))
    return router
