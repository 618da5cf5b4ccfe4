"""What no file of this service may contain, whatever else changes."""

import ast
import re
from pathlib import Path

import pytest
import source_api

ROOT = Path(next(iter(source_api.__path__)))
FILES = sorted(ROOT.rglob("*.py"))
BANNED = {
    "a framework's form parser, which writes parts to disk": r"UploadFile|\bFile\(|\bForm\(|request\.form\b|\.body\(\)",
    "temporary files": r"tempfile|mkstemp|NamedTemporary",
    "what a proxy or client claims of addresses": r"(?i)x-forwarded|request\.url\b|base_url|request\.client|\bhost\"",
    "a file opened for writing": r"open\([^)]*[\"'][wax+]|write_text|write_bytes",
    "what an error says": r"str\((error|exc|exception|e)\)|exc_info|traceback|format_exc",
    "loggers that take any text": r"\blogging\b|\bprint\(",
    "who the browser is": r"(?i)user-agent|accept-language|referer",
}
OUTSIDE = re.compile(
    r"<script|javascript:|https?:|//[a-z]|@import|url\(|\son[a-z]+=|style=|<style|\|\s*safe", re.IGNORECASE
)


@pytest.mark.parametrize("what", BANNED)
def test_no_file_contains(what: str) -> None:
    found = [path.name for path in FILES if re.search(BANNED[what], path.read_text())]

    assert found == []


@pytest.mark.parametrize("banned", ["UploadFile", "request.form", 'open(p, "wb")', "str(error)", "X-Forwarded-For"])
def test_a_planted_word_is_found(banned: str) -> None:
    assert any(re.search(pattern, banned) for pattern in BANNED.values())


def test_no_page_and_no_style_asks_for_anything_from_elsewhere_or_runs_a_script() -> None:
    for path in [*ROOT.glob("templates/*"), *ROOT.glob("static/*")]:
        text = path.read_text()
        assert not re.search(
            r"(?i)<script|javascript:|https?:|//[a-z]|@import|url\(|\son[a-z]+=|style=|<style|\|\s*safe", text
        )


def test_every_form_of_a_page_carries_a_token() -> None:
    for path in ROOT.glob("templates/*.html"):
        text = path.read_text()
        assert text.count("<form ") == text.count('name="csrf_token"'), path.name


def test_only_intake_and_inbox_import_what_sees_plaintext() -> None:
    seen = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in ("sealing.item", "sealing.payload", "sealing.age"):
                seen.add(path.name)

    assert seen == {"intake.py", "inbox.py"}
