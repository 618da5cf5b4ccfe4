"""A source and a journalist as plain HTTP clients, for tests that need no browser. They hold what a person would."""

import base64
import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self, cast
from uuid import UUID, uuid4

import httpx
from contract.messages import ItemKind
from sealing.header import seal_header
from sealing.item import ItemSealer
from sealing.keyset import open_keyset
from sealing.receipts import open_source_card
from sealing.recipients import Recipient, parse_recipient
from sealing.secrets import FileKey
from sealing.signing import VerifyKey

BOUNDARY: Final = "----test-boundary-5f1d"
BLOCK_BYTES: Final = 1024 * 1024
SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class SourceFile:
    """What a source chooses in the form. Content may be bytes, or any number of blocks for what is large."""

    name: str
    content: bytes | Iterable[bytes]

    def blocks(self) -> Iterable[bytes]:
        return (self.content,) if isinstance(self.content, bytes) else self.content


class Client:
    """Closes its connections at the end of a `with`."""

    http: httpx.Client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


class SourceClient(Client):
    """One visit of a source: a cookie, and the codename once it was shown."""

    def __init__(self, url: str, **options: Any) -> None:
        self.http = httpx.Client(base_url=url, timeout=SECONDS, **options)
        self.codename: str | None = None

    def form(self, path: str = "/submit", action: str = "/submit") -> tuple[str, str]:
        """Address and token of the form on a page that posts to `action`."""
        page = self.http.get(path)
        assert page.status_code == 200, page.status_code
        start = rf'<form[^>]*action="({re.escape(action)}[^"]*)"[^>]*>'
        found = re.search(start + r'\s*<input type="hidden" name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None, f"no form for {action} on {path}"
        return html.unescape(found[1]), found[2]

    def send(
        self, message: str = "", files: Iterable[SourceFile] = (), *, form: tuple[str, str] | None = None
    ) -> httpx.Response:
        """One post, streamed: the answer page."""
        address, token = form or self.form()
        headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        return self.http.post(address, content=multipart(token, message, files), headers=headers)

    def sent(self) -> str:
        """The page after it; remembers the codename it shows."""
        page = self.http.get("/sent").text
        words = re.search(r'<ol class="codename">(.*?)</ol>', page, re.DOTALL)
        if words:
            self.codename = " ".join(re.findall(r"<li>([^<]+)</li>", words[1]))
        return page

    def log_in(self, codename: str) -> httpx.Response:
        """Follows to the inbox when the codename is known."""
        address, token = self.form("/login", "/login")
        data = {"csrf_token": token, "codename": codename}
        return self.http.post(address, data=data, follow_redirects=True)

    def replies(self) -> list[str]:
        """Texts as shown, newest first."""
        page = self.http.get("/inbox").text
        return [html.unescape(text) for text in re.findall(r'<div class="text">(.*?)</div>', page, re.DOTALL)]


def multipart(token: str, message: str, files: Iterable[SourceFile]) -> Iterator[bytes]:
    """The body as a browser makes it, never whole in memory."""
    yield _field("csrf_token", token) + _field("message", message)
    for file in files:
        name = file.name.replace('"', "%22")
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        yield f"{head}Content-Type: application/octet-stream\r\n\r\n".encode()
        yield from file.blocks()
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def _field(name: str, value: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()


def was_received(answer: httpx.Response) -> bool:
    """True when the page says so."""
    return answer.status_code == 200 and '<h1 class="good">Received</h1>' in answer.text


class Login(Protocol):
    """What a journalist was told, once."""

    @property
    def username(self) -> str: ...
    @property
    def passphrase(self) -> str: ...


class Newsroom(Protocol):
    """What a journalist's client must know of an installation."""

    svs_dir: Path
    worker_key: str

    @property
    def journalist_url(self) -> str: ...
    @property
    def journalist(self) -> Login: ...
    def one_time_code(self) -> str: ...


class JournalistClient(Client):
    """A journalist with a bearer token, and the keys the newsroom pinned."""

    def __init__(self, system: Newsroom, **options: Any) -> None:
        self._system = system
        self.http = httpx.Client(base_url=f"{system.journalist_url}/api/v1", timeout=SECONDS, **options)

    def log_in(self) -> Self:
        journalist = self._system.journalist
        body = {"username": journalist.username, "passphrase": journalist.passphrase, "session": "bearer"}
        answer = self.http.post("/login", json={**body, "code": self._system.one_time_code()})
        assert answer.status_code == 200, answer.text
        self.http.headers["authorization"] = f"Bearer {answer.json()['token']}"
        return self

    def sources(self) -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self.http.get("/sources").raise_for_status().json()["sources"])

    def items(self, source_id: str) -> list[dict[str, Any]]:
        answer = self.http.get(f"/sources/{source_id}/items").raise_for_status()
        return cast(list[dict[str, Any]], answer.json()["items"])

    def download(self, item_id: str, directory: Path) -> Path:
        """The age file, with its receipt beside it as the web app saves it."""
        path = directory / f"{item_id}.age"
        with self.http.stream("GET", f"/items/{item_id}/file") as answer, path.open("wb") as file:
            answer.raise_for_status()
            for block in answer.iter_bytes(BLOCK_BYTES):
                file.write(block)
        receipt = self.http.get(f"/items/{item_id}/receipt").raise_for_status()
        path.with_name(f"{path.name}.receipt").write_bytes(receipt.content)
        return path

    def reply(self, source_id: str, text: str) -> httpx.Response:
        """Seals as the web app does: to the source's verified recipient and the keyset's."""
        source = self.http.get(f"/sources/{source_id}").raise_for_status().json()
        item_id = uuid4()
        sealed = seal_reply(text, self.recipients(source["source_card"]), item_id)
        headers = {"content-type": "application/octet-stream", "x-item-id": str(item_id)}
        return self.http.post(f"/sources/{source_id}/replies", content=sealed, headers=headers)

    def recipients(self, card_base64: str) -> list[Recipient]:
        """The source's own and the SVS's, each verified under a pinned key."""
        card = open_source_card([VerifyKey.from_hex(self._system.worker_key)], base64.b64decode(card_base64))
        root_public = bytes.fromhex((self._system.svs_dir / "root.pub").read_text().strip())
        keyset = open_keyset(root_public, (self._system.svs_dir / "keyset.json").read_bytes().strip())
        return [parse_recipient(card.reply_recipient), *keyset.recipients]


def seal_reply(text: str, recipients: list[Recipient], item_id: UUID) -> bytes:
    """One age file holding the padded ZIP of a reply."""
    key = FileKey.random()
    sealer = ItemSealer(key, ItemKind.REPLY.value, item_id, "", None)
    payload = sealer.update(text.encode()) + b"".join(sealer.finish())
    return seal_header(key, recipients) + payload
