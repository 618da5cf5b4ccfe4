"""What the demo's terminal shows. A terminal is redrawn in place; anything else gets a line for each change."""

import sys
import time
from collections.abc import Sequence
from io import StringIO

import pyotp
import segno

WARNING = "DEMO: no Tor, no anonymity, do not send real secrets"


def totp_line(secret: str, now: float) -> str:
    """The code of this half minute and how long it lasts."""
    code = pyotp.TOTP(secret).at(int(now))
    return f"    one-time code  {code[:3]} {code[3:]}   ({30 - int(now) % 30:2d} s left, refreshes itself)"


def qr(text: str) -> str:
    """A QR code in half blocks, narrow enough for 80 columns."""
    out = StringIO()
    segno.make(text, error="l").terminal(out=out, compact=True)
    return out.getvalue()


class Screen:
    """Draws a live block below everything printed before."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._drawn: list[str] = []

    def say(self, line: str = "") -> None:
        """A line that stays."""
        print(line, flush=True)

    def working(self, title: str) -> None:
        """Progress: what takes a while now."""
        if self._is_terminal:
            sys.stdout.write(f"  … {title}")
            sys.stdout.flush()

    def worked(self, title: str) -> None:
        """Progress: done."""
        start = "\r\x1b[2K" if self._is_terminal else ""
        print(f"{start}  ✓ {title}", flush=True)

    def draw(self, live: Sequence[str], ticking: str) -> None:
        """Show `live` lines and a `ticking` one; outside a terminal only what changed, and no clock."""
        if not self._is_terminal:
            for line in live:
                if line not in self._drawn:
                    print(line, flush=True)
            self._drawn = list(live)
            return
        if self._drawn:
            sys.stdout.write(f"\x1b[{len(self._drawn)}A")
        self._drawn = [ticking, *live]
        sys.stdout.write("".join(f"\x1b[2K{line}\n" for line in self._drawn))
        sys.stdout.flush()


def now() -> float:
    """Wall clock, for one-time codes only."""
    return time.time()
