"""Progress of work on many rows: their number, their rate, and when the work ends."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import TextIO

from skdistill.common.text import counted


class RowProgress:
    """Counts rows, and says now and then how far the work is.

    Parameters
    ----------
    show : callable or None
        Function that is called with a line of words. None if nobody reads them.
    pause : float
        Seconds between two lines, at least.
    total : int or None, default=None
        Number of all rows, if it is known.
    share : callable or None, default=None
        Function that returns the share of all rows that were read, or None if nobody
        knows it. It tells the end of the work if there is no total.

    Attributes
    ----------
    n_rows : int
        Number of rows that are done.
    """

    def __init__(
        self,
        show: Callable[[str], None] | None,
        pause: float,
        *,
        total: int | None = None,
        share: Callable[[], float | None] | None = None,
    ) -> None:
        self._show, self._pause = show, pause
        self._total, self._share = total, share
        self._start = self._last = monotonic()
        self.n_rows = self._n_before = 0

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._start

    def skip(self, n_rows: int) -> None:
        """Count rows that were done before: they took no time."""
        self.n_rows += n_rows
        self._n_before += n_rows

    def __call__(self, n_rows: int) -> None:
        """Count rows, and show a line if the last one is some time ago."""
        self.n_rows += n_rows
        now = monotonic()
        if self._show is not None and now - self._last >= self._pause:
            self._last = now
            self._show(self._line())

    def end(self) -> None:
        """Show the line of the whole work."""
        if self._show is not None:
            self._show(self._line())

    def _line(self):
        """Return the words on the rows so far."""
        seconds = max(self.seconds, 1e-9)
        rate = (self.n_rows - self._n_before) / seconds
        line, left = counted(self.n_rows, "row"), None
        if self._total is not None:
            line += f" of {self._total:,}"
            if 0 < self.n_rows < self._total and rate > 0:
                left = (self._total - self.n_rows) / rate
        line += f", {rate:,.0f} a second"
        share = None if self._share is None else self._share()
        if share:
            line += f", {share:.0%} read"
            left = seconds / share - seconds
        return line if left is None else f"{line}, about {left:,.0f} s left"


class OneLine:
    """A line in a terminal, in the place of the one before.

    Parameters
    ----------
    stream : file or None, default=None
        Terminal. None for standard error.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._width = 0

    def __call__(self, line: str) -> None:
        """Write a line over the last one."""
        text = f"\r{line.ljust(self._width)}"
        print(text, end="", file=self._stream, flush=True)
        self._width = len(line)

    def clear(self) -> None:
        """Clear the line."""
        if self._width:
            self("")
            print("\r", end="", file=self._stream, flush=True)
