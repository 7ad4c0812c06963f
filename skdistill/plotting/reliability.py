"""Reliability: whether teacher and student are right as often as they say."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from skdistill.estimators.find import ask_both
from skdistill.plotting.answers import check_both, check_labels, column_of
from skdistill.plotting.axes import (
    LINE,
    REFERENCE,
    STUDENT,
    TEACHER,
    add_legend,
    axes_below,
    check_axes,
    check_matplotlib,
    line_style,
)
from skdistill.plotting.bins import adaptive_bins, check_n_bins

# Bars of the counts, of equal width between 0 and 1.
_BARS = 25


class Reliability(NamedTuple):
    """Probabilities of a classifier, and how often it is right, in adaptive bins.

    Attributes
    ----------
    proba : ndarray of shape (n_samples,)
        The probability of each row that is judged.
    mean_proba : ndarray of shape (n_bins,)
        Its mean in each bin.
    shares : ndarray of shape (n_bins,)
        The share of rows in each bin where what was given that probability came
        true.
    counts : ndarray of shape (n_bins,), int
        The rows of each bin.
    """

    proba: NDArray[Any]
    mean_proba: NDArray[Any]
    shares: NDArray[Any]
    counts: NDArray[Any]

    @property
    def error(self) -> float:
        """The mean distance of share and probability, weighted by the counts."""
        distances = np.abs(self.shares - self.mean_proba)
        return float(np.average(distances, weights=self.counts))


class ReliabilityDisplay:
    """Reliability of a teacher and its student in one picture.

    In each bin of rows with about the same probability, the mean probability
    against the share of rows where it came true. A calibrated classifier has
    both the same: its points stand on the diagonal, 95 % of them in the grey
    band, which is as wide as chance makes it for a bin of that many rows. Below
    the diagonal a classifier is too sure, above it not sure enough. Bars under
    the picture count the rows.

    The bins are adaptive, of about the same number of rows each (Nguyen and
    O'Connor 2015); rows of equal probability share a bin.

    Make one by `from_estimator` or `from_predictions`; all parameters are stored
    as attributes.

    Parameters
    ----------
    teacher, student : Reliability
        `proba`, `mean_proba`, `shares`, `counts` and `error` of each.
    n_bins : int
        The greatest number of bins.
    pos_label : label, default=None
        Whose probability is judged; None, the predicted label's.
    name : str, default="student"
        What the legend calls the student.

    Attributes
    ----------
    ax_ : matplotlib Axes
    counts_ax_ : matplotlib Axes or None
        The bars, below; None without them.
    figure_ : matplotlib Figure
    teacher_line_, student_line_ : matplotlib Line2D
    band_ : matplotlib PolyCollection
        Where 95 % of the points of a calibrated classifier are.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : Of one binary classifier.
    skdistill.metrics.calibration_error : The same distance as one number.

    References
    ----------
    .. [1] K. Nguyen and B. O'Connor, "Posterior calibration and exploratory
       analysis for natural language processing models", EMNLP 2015.
    .. [2] J. Bröcker and L. Smith, "Increasing the reliability of reliability
       diagrams", Weather and Forecasting 22, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import ReliabilityDisplay
    >>> y = np.array([0, 0, 1, 1])
    >>> teacher_proba = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]])
    >>> student_proba = np.array([[0.8, 0.2], [0.7, 0.3], [0.1, 0.9], [0.6, 0.4]])
    >>> display = ReliabilityDisplay.from_predictions(
    ...     y, teacher_proba, student_proba, n_bins=2
    ... )
    >>> display.student.shares
    array([0.5, 1. ])
    """

    def __init__(
        self,
        teacher: Reliability,
        student: Reliability,
        *,
        n_bins: int,
        pos_label: Any = None,
        name: str = "student",
    ) -> None:
        self.teacher = teacher
        self.student = student
        self.n_bins = n_bins
        self.pos_label = pos_label
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        counts: bool = True,
        teacher_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a fitted student and its teacher, and draw their reliability.

        The teacher's probabilities are those that it gives, before
        `teacher_temperature_` corrects them for the student.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Fitted.
        X : table of shape (n_samples, n_features)
            Rows that neither was trained on.
        y : array-like of shape (n_samples,)
            Labels.
        n_bins : int, default=15
            The greatest number of bins.
        pos_label : label, default=None
            Whose probability is judged; None, the predicted label's.
        name : str, default="student"
            What the legend calls the student.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        counts : bool, default=True
            Whether bars under the picture count the rows.
        teacher_kwargs : dict, default=None
            Keyword arguments of the teacher's line.
        **kwargs : dict
            Keyword arguments of the student's line.

        Returns
        -------
        display : ReliabilityDisplay

        Raises
        ------
        ValueError
            Where the teacher cannot be asked, or an argument does not fit.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        teacher_proba, student_proba, classes = ask_both(estimator, X)
        return cls.from_predictions(
            y,
            teacher_proba,
            student_proba,
            classes=classes,
            n_bins=n_bins,
            pos_label=pos_label,
            name=name,
            ax=ax,
            counts=counts,
            teacher_kwargs=teacher_kwargs,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        teacher_proba: ArrayLike,
        student_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        counts: bool = True,
        teacher_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the reliability of given probabilities.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            Labels.
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Probabilities.
        classes : array-like of shape (n_classes,), default=None
            The labels of their columns; None, those of y_true, sorted.
        n_bins : int, default=15
            The greatest number of bins.
        pos_label : label, default=None
            Whose probability is judged; None, the predicted label's.
        name : str, default="student"
            What the legend calls the student.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        counts : bool, default=True
            Whether bars under the picture count the rows.
        teacher_kwargs : dict, default=None
            Keyword arguments of the teacher's line.
        **kwargs : dict
            Keyword arguments of the student's line.

        Returns
        -------
        display : ReliabilityDisplay

        Raises
        ------
        ValueError
            Where an argument does not fit the others.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        check_n_bins(n_bins)
        classes = np.unique(y_true) if classes is None else classes
        teacher_proba, student_proba, classes = check_both(
            teacher_proba, student_proba, classes, n_samples=len(np.asarray(y_true))
        )
        columns = check_labels(y_true, classes)
        judged = None if pos_label is None else column_of(pos_label, classes)
        display = cls(
            *(
                _reliability(proba, columns, judged, n_bins)
                for proba in (teacher_proba, student_proba)
            ),
            n_bins=n_bins,
            pos_label=pos_label,
            name=name,
        )
        return display.plot(
            ax=ax, counts=counts, teacher_kwargs=teacher_kwargs, **kwargs
        )

    def plot(
        self,
        ax: Any = None,
        *,
        name: str | None = None,
        counts: bool = True,
        teacher_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        name : str, default=None
            What the legend calls the student; None, as before.
        counts : bool, default=True
            Whether bars under the picture count the rows.
        teacher_kwargs : dict, default=None
            Keyword arguments of the teacher's line.
        **kwargs : dict
            Keyword arguments of the student's line.

        Returns
        -------
        display : ReliabilityDisplay
            Itself.

        Raises
        ------
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        lowest = 0.0 if self.pos_label is not None else self._lowest()
        grid = np.linspace(lowest, 1.0, 200)
        ax.plot([lowest, 1], [lowest, 1], **REFERENCE)
        self.band_ = ax.fill_between(
            grid, *self._band(grid), color="0.88", linewidth=0, zorder=0
        )
        teacher = line_style(TEACHER, teacher_kwargs)
        student = line_style(STUDENT | {"label": name or self.name}, kwargs)
        self.teacher_line_ = _draw(ax, self.teacher, teacher)
        self.student_line_ = _draw(ax, self.student, student)
        ax.set(xlim=(lowest - 0.02, 1.02), ylabel=self._share_label())
        add_legend(ax)
        self.counts_ax_ = self._draw_counts(lowest) if counts else None
        (self.counts_ax_ or ax).set_xlabel(self._probability_label())
        return self

    def _lowest(self):
        """Return where the picture begins: below all points, at a tenth."""
        lowest = min(curve.mean_proba.min() for curve in (self.teacher, self.student))
        return min(0.9, np.floor(10 * lowest) / 10)

    def _band(self, proba):
        """Return between what shares 95 % of the bins of a calibrated model are."""
        rows = max(1, len(self.student.proba) // self.n_bins)
        lower, upper = binom.interval(0.95, rows, proba)
        return lower / rows, upper / rows

    def _draw_counts(self, lowest):
        """Draw how many rows have about a probability, below the picture."""
        below = axes_below(self.ax_, 0.22)
        edges = np.linspace(0.0, 1.0, _BARS + 1)
        for curve, line in (
            (self.teacher, self.teacher_line_),
            (self.student, self.student_line_),
        ):
            below.stairs(
                np.histogram(curve.proba, edges)[0],
                edges,
                color=line.get_color(),
                linestyle=line.get_linestyle(),
                linewidth=LINE["linewidth"],
            )
        below.set_ylabel("rows")
        return below

    def _share_label(self):
        if self.pos_label is None:
            return "share right"
        return f"share of class {self.pos_label}"

    def _probability_label(self):
        if self.pos_label is None:
            return "probability of the predicted label"
        return f"probability of class {self.pos_label}"


def _reliability(proba, columns, judged, n_bins):
    """Return the reliability of the predicted label, or of the judged column."""
    if judged is None:
        value, true = proba.max(axis=1), proba.argmax(axis=1) == columns
    else:
        value, true = proba[:, judged], columns == judged
    bins = adaptive_bins(value, n_bins)
    return Reliability(
        value,
        np.array([value[rows].mean() for rows in bins]),
        np.array([true[rows].mean() for rows in bins]),
        np.array([len(rows) for rows in bins]),
    )


def _draw(ax, curve, style):
    """Draw a curve, its error in the legend."""
    style["label"] = f"{style['label']}, error {curve.error:.3f}"
    return ax.plot(curve.mean_proba, curve.shares, **style)[0]
