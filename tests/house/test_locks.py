"""What we install comes by name, version and hash, from wherever the installing machine gets its packages."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, projects, shown, tracked

ADDRESS = re.compile(r"\w+://|--(?:extra-)?index-url|--find-links")
NAME = re.compile(r"^[A-Za-z0-9._-]+")
LOCKS = [shown(path) for path in tracked("*.lock")]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_holds_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = text.replace("\\\n", " ").splitlines()

    assert [entry for entry in entries if "--hash=sha256:" not in entry or "==" not in entry] == []
    assert ADDRESS.search(text) is None


@pytest.mark.parametrize("name", [shown(path) for path in tracked("*package-lock.json")])
def test_node_lock_file_holds_hashes_and_no_address(name: str) -> None:
    packages = json.loads((ROOT / name).read_text())["packages"]
    entries = {path: entry for path, entry in packages.items() if path and not entry.get("link")}

    assert [path for path, entry in entries.items() if "resolved" in entry] == []
    assert [path for path, entry in entries.items() if "integrity" not in entry] == []


def test_every_dependency_is_explained() -> None:
    explained = (ROOT / "docs/dependencies.md").read_text().lower()
    named = {**dict(python_dependencies()), **dict(node_dependencies())}

    missing = {
        name: where
        for name, where in named.items()
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", explained)
    }
    assert missing == {}


def python_dependencies() -> Iterator[tuple[str, str]]:
    for where, project in projects().items():
        groups = project.get("dependency-groups", {})
        wanted = [*project["project"].get("dependencies", []), *(one for group in groups.values() for one in group)]
        wanted += project.get("build-system", {}).get("requires", [])
        for requirement in wanted:
            if (
                isinstance(requirement, str)
                and (match := NAME.match(requirement))
                and not requirement.startswith("sealdrop-")
            ):
                yield match[0].lower(), where


def node_dependencies() -> Iterator[tuple[str, str]]:
    for path in tracked("*package.json"):
        package = json.loads(path.read_text())
        for kind in ("dependencies", "devDependencies"):
            yield from ((name.lower(), shown(path)) for name in package.get(kind, {}))
