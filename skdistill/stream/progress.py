"""Progress of a fit on rows that are read in parts, in lines on standard output."""

from skdistill.common.row_progress import RowProgress

# Seconds between two lines, at least.
_PAUSE = 5.0


class FitProgress(RowProgress):
    """Prints how many rows are done, at which rate, and when a part of the fit ends.

    Parameters
    ----------
    words : str
        Words for a part of the fit.
    total : int or None
        Number of rows of the part, if it is known.
    is_shown : bool
    """

    def __init__(self, words: str, total: int | None, is_shown: bool) -> None:
        def show(line):
            print(f"[fit_files] {words}: {line}", flush=True)

        super().__init__(show if is_shown else None, _PAUSE, total=total)
