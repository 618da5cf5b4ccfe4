"""import-linter holds the walls between the rooms: each is broken once here, in a copy, and seen to be reported."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, settings, sources

LINT_IMPORTS = ROOT / ".venv/bin/lint-imports"
IMPURE = ("asyncio", "logging", "socket", "subprocess", "tempfile", "fastapi", "asyncpg", "aio_pika")
WEB = ("fastapi", "starlette", "uvicorn", "jinja2", "multipart", "chassis.web")
SERVICES = ("source_api", "journalist_api", "crypto_worker", "monitor_agent")

PLANTS = [
    *(("services", room, other) for room in SERVICES for other in SERVICES if room != other),
    *(("contract", "contract", module) for module in ("sealing", "chassis", *IMPURE)),
    *(("sealing", "sealing", module) for module in ("contract", "chassis", *IMPURE)),
    *(("chassis", "chassis", module) for module in ("sealing", "handover", "source_api")),
    *(("handover", "handover", module) for module in SERVICES),
    *(("worker", "crypto_worker", module) for module in WEB),
    *(("svs", "svs", module) for module in ("chassis", "socket", "asyncio", "handover")),
    *(("tools", room, "ctl") for room in ("source_api", "sealing")),
    ("plaintext", "source_api", "sealing.item"),
    ("plaintext", "journalist_api", "sealing.age"),
    ("plaintext", "crypto_worker", "sealing.payload"),
    ("plaintext", "ctl", "sealing.payload"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All our packages side by side, with the root's configuration."""
    tree = tmp_path_factory.mktemp("walls")
    for source in sources():
        target = tree.joinpath(*source.parts[source.parts.index("src") + 1 :])
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    shutil.copy(ROOT / "pyproject.toml", tree)
    return tree


def lint(tree: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    command = [str(LINT_IMPORTS), "--no-cache", *chosen]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_all_walls_stand(copy: Path) -> None:
    done = lint(copy)

    contracts = settings()["tool"]["importlinter"]["contracts"]
    assert f"Contracts: {len(contracts)} kept, 0 broken" in done.stdout, done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(("contract", "room", "module"), PLANTS)
def test_a_planted_import_is_reported(copy: Path, contract: str, room: str, module: str) -> None:
    planted = copy / room / "planted.py"
    planted.write_text(f"import {module}\n")
    try:
        done = lint(copy, contract)
    finally:
        planted.unlink()

    assert "1 broken" in done.stdout, done.stdout
    assert f"{room}.planted -> {module}" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("contract", "first", "second", "module"),
    [
        ("worker", "crypto_worker", "chassis", "fastapi"),
        ("svs", "svs", "sealing", "socket"),
        ("plaintext-behind", "crypto_worker", "sealing", "sealing.payload"),
        ("plaintext-behind", "handover", "sealing", "sealing.item"),
    ],
)
def test_a_planted_detour_is_reported(copy: Path, contract: str, first: str, second: str, module: str) -> None:
    start, between = copy / first / "planted.py", copy / second / "planted.py"
    start.write_text(f"import {second}.planted\n")
    between.write_text(f"import {module}\n")
    try:
        done = lint(copy, contract)
    finally:
        start.unlink()
        between.unlink()

    assert "1 broken" in done.stdout, done.stdout
    assert done.returncode == 1


def test_every_contract_has_a_planted_violation() -> None:
    named = {contract["id"] for contract in settings()["tool"]["importlinter"]["contracts"]}

    assert named == {contract for contract, _, _ in PLANTS} | {"plaintext-behind"}
