"""The bounds of a connection from tor, and the page for who breaks them (see `chassis.web.protocol`)."""

from chassis.web.protocol import Guard
from chassis.web.raw import raw_answer

from source_api.headers import refusal_headers
from source_api.pages import Pages


def guard_for(pages: Pages, expects_proxy_line: bool) -> Guard:
    """16 KiB of headers within 10 s, at least 1 KiB/s of body; all else gets our own 400."""
    page = bytes(pages.error(400).body)
    return Guard(raw_answer(400, page, refusal_headers()), expects_proxy_line)
