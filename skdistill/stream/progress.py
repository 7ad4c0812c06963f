"""FitProgress of a fit on files, in lines with rates and an estimate of the end."""

from time import monotonic

# Seconds between two lines, at least.
_PAUSE = 5.0


class FitProgress:
    """Prints how many rows are done, at which rate, and when a part ends.

    Parameters
    ----------
    words : str
        Words for a part of the fit.
    total : int or None
        Number of rows of the part, if it is known.
    is_shown : bool
    """

    def __init__(self, words: str, total: int | None, is_shown: bool) -> None:
        self._words, self._total, self._is_shown = words, total, is_shown
        self._start = self._last = monotonic()
        self._n_rows = self._n_before = 0

    def skip(self, n_rows: int) -> None:
        """Count rows that were done before: they took no time."""
        self._n_rows += n_rows
        self._n_before += n_rows

    def __call__(self, n_rows: int) -> None:
        """Count rows, and print a line if the last one is some time ago."""
        self._n_rows += n_rows
        now = monotonic()
        if self._is_shown and now - self._last >= _PAUSE:
            self._last = now
            self._print(now - self._start)

    def end(self) -> None:
        """Print the line of the whole part."""
        if self._is_shown:
            self._print(monotonic() - self._start)

    def _print(self, seconds):
        done = self._n_rows - self._n_before
        rate = done / max(seconds, 1e-9)
        line = f"[fit_files] {self._words}: {self._n_rows:,} rows"
        if self._total is not None:
            line += f" of {self._total:,}"
        line += f", {rate:,.0f} a second"
        if self._total is not None and 0 < self._n_rows < self._total and rate > 0:
            line += f", about {(self._total - self._n_rows) / rate:,.0f} s left"
        print(line, flush=True)
