"""Markers for every field a source fills in, and the ways through the pages that carry them."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import httpx
from ctl.installation import WORKER
from sealing.codename import generate
from source_api.words import load_words

from tests.faults.posting import MIB, Posting
from tests.stack.people import BOUNDARY, JournalistClient, SourceClient, SourceFile, multipart, was_received
from tests.stack.system import System

_FILE_BYTES: Final = 6 * MIB
_BOUNDARY_BYTES: Final = 64 * 1024  #: of a sealed chunk
_SECONDS: Final = 15.0


class Interrupted(Exception):
    """The source's connection broke off."""


@dataclass(slots=True)
class Canary:
    """One visit's secrets by name. What the server draws (codename, form token) is added when it is seen."""

    flow: str
    markers: dict[str, bytes] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A new marker that can be typed."""
        drawn = secrets.token_hex(12)
        self.add(name, drawn)
        return drawn

    def binary(self, name: str) -> bytes:
        """A new marker as it stands inside a file."""
        self.markers[f"{self.flow}: {name}"] = drawn = secrets.token_bytes(24)
        return drawn

    def add(self, name: str, text: str) -> None:
        self.markers[f"{self.flow}: {name}"] = text.encode()

    def add_codename(self, codename: str) -> None:
        """Whole, and each pair of neighbours."""
        words = codename.split()
        self.add("codename", codename)
        for first, second in pairwise(words):
            self.add(f"codename, {first} {second}", f"{first} {second}")

    def file(self) -> tuple[str, bytes]:
        """Name and content, marked at head, middle, tail and across a boundary of chunks."""
        content = bytearray(secrets.token_bytes(_FILE_BYTES))
        for name, at in (
            ("file head", 0),
            ("file at 64 KiB", _BOUNDARY_BYTES - 12),
            ("file middle", _FILE_BYTES // 2),
            ("file tail", _FILE_BYTES - 24),
        ):
            content[at : at + 24] = self.binary(name)
        return f"Über {self.text('file name')}.pdf", bytes(content)

    def browser(self) -> dict[str, str]:
        """Headers of one browser."""
        return {
            "user-agent": f"Mozilla/5.0 ({self.text('user agent')})",
            "referer": f"http://{self.text('referer')}.example/",
            "x-forwarded-for": self.text("forwarded for"),
            "accept-language": self.text("languages"),
        }


class Walk:
    """One flow with one canary in all its requests."""

    def __init__(self, system: System, flow: str) -> None:
        self.canary = Canary(flow)
        self.system = system
        self.source = SourceClient(system.source_url, headers=self.canary.browser())
        self.source.http.cookies.set("other", self.canary.text("cookie"))
        self._query = f"q={self.canary.text('query')}"

    def form(self) -> tuple[str, str]:
        address, token = self.source.form(f"/submit?{self._query}")
        self.canary.add("form token", token)
        return f"{address}&{self._query}", token


def successful(system: System) -> Canary:
    """Send, read the codename, get a reply, log in again, read it, log out."""
    walk = Walk(system, "success")
    canary = walk.canary
    with walk.source as source, JournalistClient(system).log_in() as journalist:
        name, content = canary.file()
        before = {row["id"] for row in journalist.sources()}
        assert was_received(source.send(canary.text("message"), [SourceFile(name, content)], form=walk.form()))
        source.sent()
        assert source.codename is not None
        canary.add_codename(source.codename)
        [listed] = [row for row in journalist.sources() if row["id"] not in before]
        assert journalist.reply(listed["id"], canary.text("reply")).status_code == 201
        with SourceClient(system.source_url, headers=canary.browser()) as later:
            later.log_in(source.codename)
            assert len(later.replies()) == 1
    return canary


def aborted(system: System) -> Canary:
    """The source's connection breaks in the middle of the file."""
    walk = Walk(system, "abort")
    address, token = walk.form()
    name, content = walk.canary.file()

    def broken() -> Iterator[bytes]:
        yield content[: 5 * MIB]
        raise Interrupted

    with walk.source as source:
        try:
            source.send(walk.canary.text("message"), [SourceFile(name, broken())], form=(address, token))
        except Interrupted:
            return walk.canary
    raise AssertionError("the post was not broken off")


def failing(system: System) -> Canary:
    """The worker is killed in the middle of the file."""
    walk = Walk(system, "failure")
    with walk.source as source:
        posting = Posting(source, walk.form(), walk.canary.text("message"), walk.canary.file(), stops=True)
        waiting = "SELECT count(*) FROM sealdrop.pending_item JOIN sealdrop.vault_chunk USING (item_id)"
        while system.sql(waiting) == "0":
            assert not posting.is_over, posting.answer
        system.kill(WORKER)
        posting.wait()
        system.start(WORKER)
        assert posting.answered_at is not None
    system.wait_until_open()
    return walk.canary


def strange(system: System) -> Canary:
    """A codename nobody has, a page nobody has, a forged token, an unknown field, a broken body."""
    walk = Walk(system, "strange")
    canary = walk.canary
    with walk.source as source:
        canary.add_codename(wrong := generate(load_words(), 8))
        assert source.log_in(wrong).status_code < 500
        assert source.log_in(canary.text("no codename")).status_code < 500
        assert source.http.get(f"/{canary.text('path')}").status_code == 404
        address, token = walk.form()
        forged = multipart(canary.text("forged token"), canary.text("refused message"), [])
        assert post(source, address, b"".join(forged)).status_code == 403
        unknown = b"".join(multipart(token, "", [])).replace(b'"message"', f'"{canary.text("field")}"'.encode())
        assert post(source, address, unknown).status_code == 400
        cut = b"".join(multipart(token, canary.text("cut message"), []))[:-9]
        assert post(source, address, cut).status_code in {400, 409}
    return canary


def post(source: SourceClient, address: str, body: bytes) -> httpx.Response:
    kind = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return source.http.post(address, content=body, headers=kind, timeout=_SECONDS)
