"""The web app's files: read once at start, and no others are ever served.

`spa_dir` holds what `npm run build` made and `pins.json`, which deployment writes beside it (spa/README.md).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
INDEX: Final = "index.html"
PINS: Final = "pins.json"
MAX_FILES: Final = 64
MAX_FILE_BYTES: Final = 4 * 1024 * 1024


class SpaError(Exception):
    """The directory is not a built web app with its pins."""


@dataclass(frozen=True, slots=True)
class SpaFile:
    """One file. `path` is its address on the site."""

    path: str
    content_type: str
    body: bytes


def load(directory: Path) -> list[SpaFile]:
    """Every file of the web app. Errors: SpaError; an unknown kind of file is an error as well."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    names = {path.relative_to(directory).as_posix() for path in paths}
    if INDEX not in names or PINS not in names:
        raise SpaError(f"{directory}: needs {INDEX} and {PINS}")
    if len(paths) > MAX_FILES:
        raise SpaError(f"{directory}: more files than a web app has")
    files = [_read(directory, path) for path in paths]
    index = next(file for file in files if file.path == f"/{INDEX}")
    return [SpaFile("/", index.content_type, index.body), *files]


def body_of(files: list[SpaFile], name: str) -> bytes:
    """The bytes of one file, which `load` found to be there."""
    return next(file.body for file in files if file.path == f"/{name}")


def routes(files: list[SpaFile]) -> list[Route]:
    """GET and HEAD for exactly these files."""
    return [Route(file.path, _endpoint(file), methods=["GET"], include_in_schema=False) for file in files]


def _read(directory: Path, path: Path) -> SpaFile:
    content_type = CONTENT_TYPES.get(path.suffix)
    if content_type is None or path.is_symlink() or path.stat().st_size > MAX_FILE_BYTES:
        raise SpaError(f"{path}: not a file of a web app")
    return SpaFile("/" + path.relative_to(directory).as_posix(), content_type, path.read_bytes())


def _endpoint(file: SpaFile) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        return Response(file.body, media_type=file.content_type)

    return answer
