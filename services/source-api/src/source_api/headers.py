"""Which headers which answer carries. No script runs anywhere; two answers may be framed, and only by ourselves."""

from typing import Final

from chassis.web.headers import HeaderList, security_headers

_PAGE: Final = {
    "style-src": "'self'",
    "img-src": "'self' data:",
    "form-action": "'self'",
    "frame-src": "'self'",
}
_WHOLE: Final = security_headers(_PAGE)
_FRAMED: Final = security_headers({**_PAGE, "frame-ancestors": "'self'"})


def headers_for(method: str, path: str) -> HeaderList:
    """The answer to a sent form and the progress lines are shown in the form's two frames; nothing else is."""
    is_framed = (method, path) == ("POST", "/submit") or path == "/status"
    return _FRAMED if is_framed else _WHOLE


def refusal_headers() -> HeaderList:
    """For an answer to bytes that never became a request."""
    return _WHOLE
