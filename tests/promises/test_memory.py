"""Memory does not grow with what is sent: the resident size of source-api and crypto-worker.

Deriving a new source's codename (Argon2id) takes 64 MiB of source-api for a moment, whatever is sent. So the source
that sends the large file has sent before, and two figures must stay small: the growth of the peak (VmHWM), in which
the 64 MiB of the warming up could hide something, and the largest of the sizes (VmRSS) seen before each MiB, in which
they cannot. The eight at once are new sources: there they count.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from ctl.installation import SOURCE, WORKER

from tests.promises.posting import send_large
from tests.stack.people import SourceClient
from tests.stack.system import System

MEASURED: Final = (SOURCE, WORKER)
MOST_GROWTH_MIB: Final = 48
MOST_TOGETHER_MIB: Final = 250
AT_ONCE: Final = 8  #: as many as the test broker has lanes


def sizes(system: System, field: str) -> dict[str, float]:
    """MiB. `VmHWM` is the peak of a process's life, `VmRSS` what it holds now."""
    return {name: _kib(system.pid(name), field) / 1024 for name in MEASURED}


def _kib(pid: int, field: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(field)).split()[1])


@pytest.mark.parametrize("mib", [256, pytest.param(2048, marks=pytest.mark.slow)])
def test_a_large_upload_takes_little_memory(system: System, mib: int) -> None:
    seen: list[dict[str, float]] = []
    with SourceClient(system.source_url) as source:
        send_large(source, 1)
        now, peak = sizes(system, "VmRSS"), sizes(system, "VmHWM")

        send_large(source, mib, lambda: seen.append(sizes(system, "VmRSS")))

    growth = {name: after - peak[name] for name, after in sizes(system, "VmHWM").items()}
    most = {name: max(one[name] for one in seen) - now[name] for name in MEASURED}
    print(f"{mib} MiB: before {now}, at most {most} more; peak before {peak}, {growth} more")
    assert max(*growth.values(), *most.values()) < MOST_GROWTH_MIB


@pytest.mark.parametrize("mib", [32, pytest.param(256, marks=pytest.mark.slow)])
def test_eight_uploads_at_once_take_little_memory(system: System, mib: int) -> None:
    def send(_: int) -> None:
        with SourceClient(system.source_url) as source:
            send_large(source, mib)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(send, range(AT_ONCE)))

    together = sizes(system, "VmHWM")
    print(f"{AT_ONCE} x {mib} MiB: peak {together}")
    assert max(together.values()) < MOST_TOGETHER_MIB, together
