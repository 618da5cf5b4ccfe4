"""Files and functions stay small enough to be read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import lines, shown, tracked

FILE_LINES = 400
FUNCTION_LINES = 80
CODE = ("*.py", "*.sql", "*.sh", "*.ts", "*.tsx", "*.mjs", "*.css", "*.html", "Makefile")
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


def test_no_file_is_too_long() -> None:
    too_long = {shown(path): lines(path) for path in tracked(*CODE) if lines(path) > FILE_LINES}

    assert too_long == {}


def test_no_function_is_too_long() -> None:
    too_long = dict(entry for path in tracked("*.py") for entry in functions_of(path) if entry[1] > FUNCTION_LINES)

    assert too_long == {}


def test_every_file_is_named_by_a_noun_of_its_own() -> None:
    assert [shown(path) for path in tracked() if path.stem.lower() in SHAPELESS] == []


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield f"{shown(path)}: {node.name}", node.end_lineno - node.lineno + 1
