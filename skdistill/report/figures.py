"""Keys of figures, and means over some of the rows, which all measures share."""

from typing import NamedTuple

import numpy as np

TEACHER, STUDENT, CONTROL = "teacher", "student", "labels alone"


class AnsweredRows(NamedTuple):
    """Answers of the models for the rows of a report.

    Attributes
    ----------
    truth : ndarray of shape (n_samples,) or (n_samples, n_targets)
        True answers, as `ReportKind.truth_of` returned them.
    answers : dict of str to ndarray of shape (n_samples, n_columns), float64
        Answers of each model: the teacher first, then the student, then the control if
        there is one.
    decided : dict of str to ndarray of shape (n_samples,), or None
        Decisions of each model. None for those that follow from the answers.
    weights : ndarray of shape (n_samples,)
        Weights of the rows.
    """

    truth: np.ndarray
    answers: dict
    decided: dict | None
    weights: np.ndarray


class FigureKey(NamedTuple):
    """Name of a figure: a measure of a model, on all rows and columns or some of them.

    Attributes
    ----------
    measure : str
        Name of the measure.
    model : str
        Name of the model.
    column : int or None
        Column of the answers, if the figure is for one class, target or quantile. None
        for all of them.
    group : int or None
        Number of a group, if the figure is for the rows of this group. None for all
        rows.
    """

    measure: str
    model: str
    column: int | None = None
    group: int | None = None


class Segments:
    """Sums over the rows that share a number.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int
        Number of each row's segment.
    n_segments : int
        Number of segments. The sum over a segment without rows is 0.
    """

    def __init__(self, codes, n_segments):
        self.n_segments = n_segments
        self._order = np.argsort(codes, kind="stable")
        self._present, self._starts = np.unique(codes[self._order], return_index=True)

    def sums(self, values):
        """Return the sum over each segment.

        Parameters
        ----------
        values : ndarray of shape (n_draws, n_samples)
            Values of the rows in each draw.

        Returns
        -------
        sums : ndarray of shape (n_draws, n_segments)
            Sums over the segments in each draw.
        """
        sums = np.zeros((len(values), self.n_segments))
        ordered = np.take(values, self._order, axis=1)
        sums[:, self._present] = np.add.reduceat(ordered, self._starts, axis=1)
        return sums


def ratio(sums, totals):
    """Return sums by their totals, NaN where the total is zero.

    Parameters
    ----------
    sums, totals : ndarray
        Arrays that are broadcast.

    Returns
    -------
    ratio : ndarray
    """
    # If weights cancel, rounding may leave a trace of them.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(totals > 1e-9, sums / totals, np.nan)


def mean(values):
    """Return the mean of each row without its NaNs, NaN if there are only NaNs.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns)

    Returns
    -------
    means : ndarray of shape (n_rows,)
    """
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))
