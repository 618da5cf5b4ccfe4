"""Security headers on every answer, errors included. Default-deny: a service loosens single lines for single routes.

Source: W3C CSP 3, Fetch (CORP, COEP), HTML (COOP), Permissions Policy; OWASP secure headers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HeaderList = list[tuple[bytes, bytes]]

#: Nothing may be loaded, framed, posted or embedded unless a service says so.
DENY_ALL_CSP: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}

_FEATURES: Final = [
    "accelerometer",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "clipboard-write",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "web-share",
    "xr-spatial-tracking",
]

_BASE: Final = {
    "cache-control": "no-store, max-age=0",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-permitted-cross-domain-policies": "none",
    "x-robots-tag": "noindex, nofollow, noarchive",
}

#: Names that would tell which software answers, and when by its clock.
_TELLTALE: Final = frozenset({b"server", b"date", b"x-powered-by", b"etag", b"last-modified"})


def csp(directives: Mapping[str, str]) -> str:
    """One header value: `DENY_ALL_CSP` with these directives added or replaced."""
    merged = {**DENY_ALL_CSP, **directives}
    return "; ".join(f"{name} {value}" for name, value in merged.items())


def security_headers(directives: Mapping[str, str], **replaced: str) -> HeaderList:
    """The whole list for one kind of answer. `replaced` overrides single headers, by name with underscores."""
    values = {**_BASE, **{name.replace("_", "-"): value for name, value in replaced.items()}}
    values["content-security-policy"] = csp(directives)
    values["x-frame-options"] = "SAMEORIGIN" if directives.get("frame-ancestors") == "'self'" else "DENY"
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in values.items()]


class SecurityHeaders:
    """ASGI middleware, outermost: `policy` gives the headers for a method and a path. They win over the app's own."""

    def __init__(
        self,
        app: ASGIApp,
        policy: Callable[[str, str], HeaderList],
        kept: Iterable[bytes] = (),
    ) -> None:
        """`kept`: lower-case names the app may set itself (an API's ETag); everything telltale else is dropped."""
        self._app = app
        self._policy = policy
        self._kept = frozenset(kept)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._policy(scope["method"], scope["path"])

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._merge(message.get("headers", ()), added)}
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _merge(self, own: Iterable[tuple[bytes, bytes]], added: HeaderList) -> HeaderList:
        ours = {name for name, _ in added} - self._kept
        dropped = (ours | _TELLTALE) - self._kept
        own_list = [(name.lower(), value) for name, value in own]
        kept_names = {name for name, _ in own_list} & self._kept
        return [(name, value) for name, value in own_list if name not in dropped] + [
            (name, value) for name, value in added if name not in kept_names
        ]
