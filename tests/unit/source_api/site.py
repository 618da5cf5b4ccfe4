"""The whole web application in memory, over a fake hand-over and a fake database."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
from sealing.signing import SigningKey
from source_api.derivation import Derivation
from source_api.desk import Desk, Rules
from source_api.gate import Gate
from source_api.inbox import Inbox
from source_api.pages import Pages
from source_api.room import Room
from source_api.sessions import Sessions
from source_api.settings import SourceSettings
from source_api.store import Store
from source_api.tokens import FormTokens
from source_api.web import make
from source_api.words import load_words
from starlette.types import ASGIApp

from tests.unit.source_api.fakes import Clock, FakeHandOver, FakeRows, as_hand_over, quick_derive

WORDS: Final = load_words()
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
MOST_BYTES: Final = 1024 * 1024


def settings(**changed: Any) -> SourceSettings:
    """Key files are not read here."""
    nowhere = Path("/nonexistent")
    usual: dict[str, Any] = {
        "name": "source-1",
        "listen": "127.0.0.1:0",
        "newsroom": "The Courier",
        "deployment_id": "test",
        "workers": {"worker-1": "0" * 64},
        "root_public_key": "0" * 64,
        "max_request_bytes": MOST_BYTES,
    }
    files = dict.fromkeys(
        ("pepper_file", "form_key_file", "signing_key_file", "audit_key_file", "keyset_file"), nowhere
    )
    return SourceSettings.model_validate({**usual, **files, **changed})


@dataclass
class Site:
    """`web` is a client with cookies; `errors` are those nobody foresaw."""

    changed: dict[str, Any] = field(default_factory=dict)
    hand_over: FakeHandOver = field(default_factory=FakeHandOver)
    rows: FakeRows = field(default_factory=FakeRows)
    clock: Clock = field(default_factory=Clock)
    worker: SigningKey = field(default_factory=SigningKey.generate)
    errors: list[BaseException] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.settings = settings(**self.changed)
        self.derivation = Derivation(WORDS, "test", b"p" * 32, quick_derive)
        self.sessions = Sessions(self.settings.most_sessions, 3600, 8 * 3600, self.clock)
        self.desk = Desk(
            Rules(self.settings.max_request_bytes, lambda: self.hand_over.is_open),
            Gate(self.settings.most_uploads, self.settings.most_uploads_per_circuit),
            as_hand_over(self.hand_over),
            self.sessions,
            FormTokens(b"f" * 32, self.clock),
            self.derivation,
        )
        self.pages = Pages("The Courier", self.settings.demo, self.settings.max_request_bytes, 8)
        self.app = self._app()
        self.web = self.visitor()

    def visitor(self) -> httpx.AsyncClient:
        """Another browser."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://site")

    async def __aenter__(self) -> "Site":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.aclose()
        self.derivation.close()

    async def token(self, path: str = "/submit") -> str:
        match = TOKEN.search((await self.web.get(path)).text)
        assert match is not None
        return match.group(1)

    async def send(self, message: str, token: str | None = None) -> httpx.Response:
        fields = {"csrf_token": token or await self.token(), "message": message}
        return await self.web.post("/submit", data=fields, files=[("files", ("", b""))])

    async def post(self, path: str, page: str, **fields: str) -> httpx.Response:
        return await self.web.post(path, data={"csrf_token": await self.token(page), **fields})

    def _app(self) -> ASGIApp:
        room = Room(
            settings=self.settings,
            pages=self.pages,
            desk=self.desk,
            inbox=Inbox(Store(self.rows), self.derivation, [self.worker.verify_key]),
            is_stopping=lambda: False,
            on_refusal=self._on_refusal,
        )
        return make(room, self.errors.append)

    def _on_refusal(self) -> None:
        self.refused += 1
