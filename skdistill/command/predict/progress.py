"""Progress of the command that scores rows, in one line on standard error."""

import sys
import time
from collections.abc import Callable

# Seconds between two lines.
_PAUSE = 0.5


class Progress:
    """Line that says how many rows are scored, at which rate, and when it ends.

    Only a terminal gets it.

    Parameters
    ----------
    share : callable
        Function that returns the share of the rows that were read, or None.
    """

    def __init__(self, share: Callable[[], float | None]) -> None:
        self._share = share
        self._start = self._last = time.monotonic()
        self._width = 0
        self._is_shown = sys.stderr.isatty()

    def __call__(self, n_rows: int) -> None:
        """Show a number of rows, if the last line is some time ago."""
        now = time.monotonic()
        if not self._is_shown or now - self._last < _PAUSE:
            return
        self._last = now
        seconds = now - self._start
        line = f"{n_rows:,} rows, {n_rows / seconds:,.0f} a second"
        share = self._share()
        if share:
            left = seconds / share - seconds
            line += f", {share:.0%} read, about {left:,.0f} s left"
        self._show(line)

    def end(self) -> None:
        """Clear the line."""
        if self._width:
            self._show("")
            print("\r", end="", file=sys.stderr, flush=True)

    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._start

    def _show(self, line):
        """Write a line over the last one."""
        print(f"\r{line.ljust(self._width)}", end="", file=sys.stderr, flush=True)
        self._width = len(line)
