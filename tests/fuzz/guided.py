"""Coverage-guided fuzzing of the same targets, for hours if need be: `make fuzz`. Needs atheris (x86-64).

Each target runs in a process of its own, since a fuzzer ends with its first find. What it learns stays in .build/fuzz,
where the next run begins; a find is written there too, and printed with the command that takes it again.
"""

import argparse
import importlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

CORPUS: Final = Path(".build/fuzz")
PACKAGES: Final = (
    "sealing",
    "contract",
    "chassis",
    "source_api",
    "journalist_api",
    "monitor_agent",
    "python_multipart",
)
INPUT_SECONDS: Final = 5  #: a parser that takes longer is a find
MOST_BYTES: Final = 64 * 1024


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 after a find."""
    parser = argparse.ArgumentParser(description="Fuzz the parsers, guided by coverage.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these")
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--input", type=Path, help="only take this one input again")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.child:
        fuzz(chosen.targets[0], chosen.seconds, chosen.input)
        return 0
    found = [name for name in chosen.targets or names() if not survives(name, chosen.seconds, chosen.input)]
    print(f"finds: {', '.join(found) or 'none'}")
    return 1 if found else 0


def names() -> list[str]:
    from tests.fuzz.targets import TARGETS
    from tests.fuzz.web_targets import WEB_TARGETS

    return [target.name for target in (*TARGETS, *WEB_TARGETS)]


def survives(name: str, seconds: int, once: Path | None) -> bool:
    """Runs one target to its time or its first find."""
    print(f"--- {name}", flush=True)
    words = [sys.executable, "-m", "tests.fuzz.guided", "--child", name, "--seconds", str(seconds)]
    again = f"python -m tests.fuzz.guided '{name}' --input FILE"
    ended = subprocess.run(words + (["--input", str(once)] if once else []), check=False)
    if ended.returncode:
        print(f"{name}: a find in {folder_of(name)}; to see it again: {again}", flush=True)
    return ended.returncode == 0


def folder_of(name: str) -> Path:
    return CORPUS / name.replace(" ", "-")


def fuzz(name: str, seconds: int, once: Path | None) -> None:
    """Never returns: libFuzzer ends the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=list(PACKAGES)):
        edits = importlib.import_module("tests.fuzz.edits")
        every = [
            *importlib.import_module("tests.fuzz.targets").TARGETS,
            *importlib.import_module("tests.fuzz.web_targets").WEB_TARGETS,
        ]
    target = next(one for one in every if one.name == name)
    folder = folder_of(name)
    folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(target.samples):
        (folder / f"sample-{number}").write_bytes(sample)

    def mutate(data: bytes, most_bytes: int, seed: int) -> bytes:
        """Half by libFuzzer, which knows what was compared; half by our own, which keep JSON whole."""
        if seed % 2:
            return bytes(atheris.Mutate(data, len(data)))[:most_bytes]
        return bytes(edits.edit(Random(seed), data))[:most_bytes]

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={INPUT_SECONDS}",
        f"-max_len={MOST_BYTES}",
        "-print_final_stats=1",
    ]
    place = [str(once)] if once else [f"-artifact_prefix={folder}/find-", str(folder)]
    atheris.Setup([sys.argv[0], *options, *place], lambda data: target.feed(data) and None, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
