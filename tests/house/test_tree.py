"""What must not stand in the repository, and what must."""

import ast
import re
import subprocess
from pathlib import Path

from tests.house.tree import ROOT, shown, sources, tracked
from tests.suites import SUITES

# Cut in two, so that this file does not hold what it looks for.
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "registry.npm" + "js", "deb" + ".debian.org")
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:wor" + r"k|root|home/[a-z]+|Users)/")
FORM_TO_DISK = re.compile(r"UploadFile|\bFile\(|\bForm\(|request\.form\(")
GUIDES = ("README.md", "docs/*.md", "CONTRIBUTING.md")


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def test_no_file_names_a_registry() -> None:
    assert [shown(path) for path in tracked() if any(host in text_of(path) for host in REGISTRIES)] == []


def test_no_file_names_a_path_of_one_machine() -> None:
    """A Dockerfile's paths are those inside an image."""
    files = [path for path in tracked() if path.name != "Dockerfile"]

    assert [shown(path) for path in files if MACHINE_PATH.search(text_of(path))] == []


def test_source_api_never_lets_a_framework_parse_a_form() -> None:
    """Starlette's parser writes parts to temporary files."""
    found = [shown(path) for path in tracked("services/source-api/*.py") if FORM_TO_DISK.search(text_of(path))]

    assert found == []


def test_services_and_libraries_never_print() -> None:
    assert [shown(path) for path in sources() if not shown(path).startswith("tools/") and prints(path)] == []


def test_commands_of_the_guides_are_targets_of_make() -> None:
    named = {word for path in tracked(*GUIDES) for word in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)\b", code_of(path))}

    assert named - make_targets() == set()


def test_make_without_a_target_lists_them_all() -> None:
    shown_targets = subprocess.run(["make", "-s", "-C", ROOT], capture_output=True, text=True, check=True).stdout

    assert {line.split()[1] for line in shown_targets.splitlines()} == make_targets()


def test_every_directory_of_tests_belongs_to_a_suite() -> None:
    covered = [ROOT / path for suite in SUITES for path in suite.paths]
    lost = [shown(path) for path in tracked("*/test_*.py") if not any(path.is_relative_to(place) for place in covered)]

    assert lost == []


def test_every_suite_has_tests() -> None:
    assert [path for suite in SUITES for path in suite.paths if not tracked(f"{path}*test_*.py")] == []


def prints(path: Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return any(isinstance(node, ast.Name) and node.id == "print" for node in nodes)


def code_of(path: Path) -> str:
    """The indented blocks and the quoted words of a guide: prose may say "make sure"."""
    text = text_of(path)
    blocks = [line for line in text.splitlines() if line.startswith("    ")]
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", text)])


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
