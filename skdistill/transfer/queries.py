"""How many rows a fit asks its teacher about, and how long that takes.

The numbers follow from the rows and the parameters. The clock changes them only if the
user sets `max_query_seconds`. Otherwise it only decides whether a warning is given.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, inf
from typing import Any

import numpy as np

from skdistill.common.text import counted
from skdistill.common.warn import warn
from skdistill.teachers.sensitivity import rows_to_redraw
from skdistill.teachers.teacher import ROWS_AT_ONCE

# Number of synthetic rows: so many for each given row, and so many at least.
_SYNTHETIC_A_ROW = 5
_FEWEST_SYNTHETIC = 2000

# Part of the time left that synthetic rows get, if columns are redrawn after them.
_SHARE_OF_SYNTHETIC = 2 / 3

# Seconds of the first call, and expected seconds of all others, from which a fit warns.
# A short first call tells little: most of it may be a fixed cost.
_LONG_CALL = 1.0
_LONG_WAIT = 30.0


def synthetic_rows(n_synthetic, n_rows, most):
    """Return the number of synthetic rows that the parameters ask for.

    Parameters
    ----------
    n_synthetic : int or "auto"
        Parameter of the estimator. "auto" is five for each given row, at least 2,000
        and at most `most`.
    n_rows : int
        Number of given rows.
    most : int
        Most rows that "auto" stands for.

    Returns
    -------
    count : int
    """
    if n_synthetic != "auto":
        return n_synthetic
    return min(max(_SYNTHETIC_A_ROW * n_rows, _FEWEST_SYNTHETIC), most)


class Queries:
    """The rows that a teacher is asked about in a fit.

    Parameters
    ----------
    teacher : Teacher
    parameters : estimator
        Parameters of the fit. They are only read.
    rows : CheckedRows
        Rows of the user.
    measures_sensitivity : bool
        Whether columns are redrawn, to measure how much they matter.
    most_synthetic : int
        Most synthetic rows that "auto" stands for. 0 if none are drawn.
    stage : Stage
        Stage of all questions, which reports to callbacks.
    """

    def __init__(
        self, teacher, parameters, rows, measures_sensitivity, most_synthetic, stage
    ):
        self._teacher = teacher
        self._parameters = parameters
        self._stage = stage
        n_rows, n_columns = rows.all_rows.shape
        n_used = n_rows - np.count_nonzero(rows.weights == 0)
        self._n_synthetic = self._n_redrawn = 0
        if most_synthetic:
            wanted = parameters.n_synthetic
            self._n_synthetic = synthetic_rows(wanted, n_used, most_synthetic)
        if measures_sensitivity:
            self._n_redrawn = (n_columns + 1) * rows_to_redraw(n_used, n_columns)
        self._asked = 0
        self._planned = n_rows + self._n_synthetic + self._n_redrawn

    @contextmanager
    def part(self, name: str, n_rows: int = 0) -> Iterator[Any]:
        """Return a context for the questions about one kind of rows.

        Parameters
        ----------
        name : str
            Name of the rows in reports of the progress.
        n_rows : int, default=0
            Number of the rows.

        Yields
        ------
        within : callable
            Maker of a context for each block of rows, for `Teacher.ask`.
        """
        n_blocks = ceil(n_rows / ROWS_AT_ONCE)
        with self._stage.part(name, n_blocks if n_blocks > 1 else 0) as stage:
            yield lambda n_block: self._block(stage, name, n_block, n_blocks > 1)

    def synthetic_rows(self) -> int:
        """Return the number of synthetic rows, which the user's budget may reduce."""
        share = _SHARE_OF_SYNTHETIC if self._n_redrawn else 1.0
        return int(min(self._n_synthetic, share * self.affordable()))

    def affordable(self) -> float:
        """Return the number of rows that the teacher answers for in the time left."""
        budget = self._parameters.max_query_seconds
        if budget is None:
            return inf
        left = max(budget - self._teacher.seconds, 0.0)
        # A clock may be too coarse for the first call.
        return left / max(self._teacher.seconds_a_row, 1e-9)

    @contextmanager
    def _block(self, stage, name, n_rows, is_part):
        """Return a context for a block of rows; report it, and warn after the first."""
        if is_part:
            with stage.part(counted(n_rows, "row")):
                yield
        else:
            yield
        is_first = self._asked == 0
        self._asked += n_rows
        seconds = self._teacher.seconds
        if self._parameters.verbose:
            print(
                f"Teacher answered for {self._asked:,} of about {self._planned:,} rows "
                f"({name}) in {seconds:.1f} s"
            )
        if is_first and self._parameters.max_query_seconds is None:
            self._warn_if_slow(n_rows, seconds)

    def _warn_if_slow(self, n_rows, seconds):
        """Warn if the teacher takes long for the rows that are left."""
        left = self._planned - n_rows
        wait = left * seconds / n_rows
        if seconds < _LONG_CALL or wait < _LONG_WAIT:
            return
        warn(
            f"the teacher, {self._teacher.name}, took {seconds:.1f} s to answer for "
            f"{counted(n_rows, 'row')}. Fit asks it about {left:,} more, "
            f"{self._n_synthetic:,} of them synthetic, which takes about "
            f"{_duration(wait)}. To limit this time, set max_query_seconds: then "
            "fewer synthetic rows are drawn"
        )


def _duration(seconds):
    """Return a time in words."""
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
