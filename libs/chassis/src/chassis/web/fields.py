"""Small urlencoded forms, bounded. (Starlette's own form reader is not used: it may write parts to disk.)"""

from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

_MOST_FIELDS: Final = 16
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


class BadForm(Exception):
    """Too long, of another type, cut off, or not readable. Says nothing of what was sent."""


async def read_fields(request: Request, most_bytes: int) -> dict[str, str]:
    """Fields by name; of a repeated name the last counts. Errors: BadForm."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != _FORM_TYPE:
        raise BadForm("another content type")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > most_bytes:
                raise BadForm("too long")
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"))
    except (ValueError, ClientDisconnect):
        raise BadForm("not a form") from None
