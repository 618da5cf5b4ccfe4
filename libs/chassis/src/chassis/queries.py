"""Named SQL statements: one file per service, read once, every statement behind a `-- name: find_source` line."""

import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Final

from chassis.errors import ChassisError

_NAME: Final = re.compile(r"^-- name: *(\S+) *$", re.MULTILINE)
_GOOD_NAME: Final = re.compile(r"^[a-z][a-z0-9_]*$")


class QueriesError(ChassisError):
    """The file is malformed, or there is no statement of this name."""


class Queries:
    """Statements by name."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        self._statements = dict(statements)

    @classmethod
    def load(cls, package: str, file: str = "queries.sql") -> "Queries":
        """From a file inside an import package. Errors: QueriesError."""
        return cls.parse(resources.files(package).joinpath(file).read_text("utf-8"))

    @classmethod
    def parse(cls, text: str) -> "Queries":
        """Errors: QueriesError for a bad or repeated name, an empty statement, or SQL before the first name."""
        head, *parts = _NAME.split(text)
        if any(line.strip() and not line.startswith("--") for line in head.splitlines()):
            raise QueriesError("SQL before the first name")
        statements: dict[str, str] = {}
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            statement = body.strip().removesuffix(";").strip()
            if not _GOOD_NAME.match(name) or name in statements or not statement:
                raise QueriesError(f"the statement {name!r} is malformed, repeated or empty")
            statements[name] = statement
        return cls(statements)

    def __getitem__(self, name: str) -> str:
        """Errors: QueriesError."""
        try:
            return self._statements[name]
        except KeyError:
            raise QueriesError(f"no statement is named {name!r}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)
