"""The files that touch plaintext or a source's keys are listed in pyproject.toml, few, and short."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, settings, shown, sources

LIST = settings()["tool"]["sealdrop"]["plaintext"]
FILES: list[str] = LIST["files"]
MODULES: set[str] = set(LIST["modules"])
BUDGET: int = LIST["budget_lines"]
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def test_listed_files_exist() -> None:
    assert [name for name in FILES if not (ROOT / name).is_file()] == []


def test_listed_files_keep_to_their_budget() -> None:
    assert sum(len(code_lines(ROOT / name)) for name in FILES) <= BUDGET


def test_every_file_that_imports_a_plaintext_module_is_listed() -> None:
    users = {shown(path) for path in sources() if MODULES & set(imported_by(path))}

    assert users - set(FILES) == set()


def test_plaintext_modules_are_listed_themselves() -> None:
    own = {shown(path) for path in sources() if module_of(path) in MODULES}

    assert len(own) == len(MODULES)
    assert own - set(FILES) == set()


def code_lines(path: Path) -> set[int]:
    """The numbers of the lines that hold code: no blank, no comment, no docstring."""
    text = path.read_text(encoding="utf-8")
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            held.update(range(token.start[0], token.end[0] + 1))
    strings = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Expr) and is_text(node.value))
    return held - {number for node in strings for number in range(node.lineno, (node.end_lineno or 0) + 1)}


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def module_of(path: Path) -> str:
    """`libs/sealing/src/sealing/item.py` is `sealing.item`."""
    return ".".join(path.with_suffix("").parts[path.parts.index("src") + 1 :]).removesuffix(".__init__")


def imported_by(path: Path) -> Iterator[str]:
    """Every absolute module name a file imports, `from package import module` included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
