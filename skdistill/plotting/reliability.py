"""Reliability: how often teacher and student are right when they are sure."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom

from skdistill.common.checks import column_of
from skdistill.common.labels import known_columns
from skdistill.plotting.answers import check_both, drawn_classes
from skdistill.plotting.axes import (
    LINE_SIZES,
    REFERENCE_STYLE,
    STUDENT_STYLE,
    TEACHER_STYLE,
    add_legend,
    axes_below,
    check_axes,
    check_matplotlib,
    line_style,
)
from skdistill.plotting.bins import adaptive_bins, check_count

# Number of bars of the counts. They have equal width between 0 and 1.
_BARS = 25


class Reliability(NamedTuple):
    """Probabilities of a classifier, and how often it is right, in adaptive bins.

    Attributes
    ----------
    proba : ndarray of shape (n_samples,)
        Probability that the classifier gives to a class in each row: the predicted
        class, or one class in all rows.
    mean_proba : ndarray of shape (n_bins,)
        Mean of this probability in each bin.
    shares : ndarray of shape (n_bins,)
        Share of the rows of each bin that belong to this class.
    counts : ndarray of shape (n_bins,), int
        Number of rows in each bin.
    """

    proba: NDArray[Any]
    mean_proba: NDArray[Any]
    shares: NDArray[Any]
    counts: NDArray[Any]

    @property
    def error(self) -> float:
        """Mean distance of share and probability, weighted by the counts."""
        distances = np.abs(self.shares - self.mean_proba)
        return float(np.average(distances, weights=self.counts))


class ReliabilityDisplay:
    """Picture of the reliability of a teacher and its student.

    Each point is a bin of rows with about the same probability. It shows the mean
    probability and the share of rows that belong to the class. For a calibrated
    classifier both are the same, except for chance: its points are near the diagonal,
    and 95 % of them are in the grey band. The band is as wide as chance makes it in a
    bin with that number of rows. A classifier below the diagonal is too sure. A
    classifier above the diagonal is not sure enough. Bars under the picture count the
    rows.

    The bins are adaptive: they have about the same number of rows (Nguyen and
    O'Connor 2015). Rows with equal probabilities share a bin.

    Make a display by `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Parameters
    ----------
    teacher, student : Reliability
        Reliability of each: `proba`, `mean_proba`, `shares`, `counts` and `error`.
    n_bins : int
        Greatest number of bins.
    pos_label : label, default=None
        Class of the drawn probability. None for the predicted class of each row.
    name : str, default="student"
        Name of the student in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the picture.
    counts_ax_ : matplotlib Axes or None
        Axes of the bars, below. None without bars.
    figure_ : matplotlib Figure
        Figure of the picture.
    teacher_line_, student_line_ : matplotlib Line2D
        Lines of teacher and student.
    band_ : matplotlib PolyCollection
        Band that holds 95 % of the points of a calibrated classifier.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : Picture of one binary classifier.
    skdistill.metrics.calibration_error : Distance from the diagonal as one number.

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
        teacher_X: Any = None,
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        counts: bool = True,
        teacher_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a fitted student and its teacher, and draw their reliability.

        The teacher's probabilities are drawn as the teacher gives them, without the
        correction by `teacher_temperature_` that the student learned.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Fitted estimator.
        X : table of shape (n_samples, n_features)
            Rows that neither teacher nor student was trained on.
        y : array-like of shape (n_samples,) or (n_samples, n_labels)
            Labels, or label sets.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: see
            `DistilledClassifier.fit`.
        n_bins : int, default=15
            Greatest number of bins.
        pos_label : label, default=None
            Class of the drawn probability. None for the predicted class of each row.
            For label sets it is the label to draw, as in `student_.classes_`.
        name : str, default="student"
            Name of the student in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
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
            If the teacher cannot be asked, or an argument does not fit.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        drawn = drawn_classes(estimator, X, teacher_X, pos_label, y)
        return cls.from_predictions(
            drawn.y,
            drawn.teacher_proba,
            drawn.student_proba,
            classes=drawn.classes,
            n_bins=n_bins,
            pos_label=drawn.pos_label,
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
            Probabilities of teacher and student.
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns. None for the labels of y_true, sorted.
        n_bins : int, default=15
            Greatest number of bins.
        pos_label : label, default=None
            Class of the drawn probability. None for the predicted class of each row.
        name : str, default="student"
            Name of the student in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
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
            If an argument does not fit the others.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        check_count(n_bins, "n_bins")
        classes = np.unique(y_true) if classes is None else classes
        teacher_proba, student_proba, classes = check_both(
            teacher_proba, student_proba, classes, n_samples=len(np.asarray(y_true))
        )
        columns = known_columns(y_true, classes, "y_true")
        column = None if pos_label is None else column_of(pos_label, classes)
        display = cls(
            *(
                _reliability(proba, columns, column, n_bins)
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
            Axes to draw on. None for axes in a new figure.
        name : str, default=None
            Name of the student in the legend. None for the name of the display.
        counts : bool, default=True
            Whether bars under the picture count the rows.
        teacher_kwargs : dict, default=None
            Keyword arguments of the teacher's line.
        **kwargs : dict
            Keyword arguments of the student's line.

        Returns
        -------
        display : ReliabilityDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        lowest = 0.0 if self.pos_label is not None else self._lowest()
        grid = np.linspace(lowest, 1.0, 200)
        ax.plot([lowest, 1], [lowest, 1], **REFERENCE_STYLE)
        self.band_ = ax.fill_between(
            grid, *self._band(grid), color="0.88", linewidth=0, zorder=0
        )
        teacher = line_style(TEACHER_STYLE, teacher_kwargs)
        student = line_style(STUDENT_STYLE | {"label": name or self.name}, kwargs)
        self.teacher_line_ = _draw(ax, self.teacher, teacher)
        self.student_line_ = _draw(ax, self.student, student)
        ax.set(xlim=(lowest - 0.02, 1.02), ylabel=self._share_label())
        add_legend(ax)
        self.counts_ax_ = self._draw_counts(lowest) if counts else None
        (self.counts_ax_ or ax).set_xlabel(self._probability_label())
        return self

    def _lowest(self):
        """Return the left end of the picture: a tenth that is below all points."""
        lowest = min(curve.mean_proba.min() for curve in (self.teacher, self.student))
        return min(0.9, np.floor(10 * lowest) / 10)

    def _band(self, proba):
        """Return the shares that 95 % of the bins of a calibrated model lie between."""
        rows = max(1, len(self.student.proba) // self.n_bins)
        lower, upper = binom.interval(0.95, rows, proba)
        return lower / rows, upper / rows

    def _draw_counts(self, lowest):
        """Draw the number of rows by probability, below the picture."""
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
                linewidth=LINE_SIZES["linewidth"],
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


def _reliability(proba, columns, column, n_bins):
    """Return the reliability of a column, or of the predicted label if it is None."""
    if column is None:
        value, true = proba.max(axis=1), proba.argmax(axis=1) == columns
    else:
        value, true = proba[:, column], columns == column
    bins = adaptive_bins(value, n_bins)
    return Reliability(
        value,
        np.array([value[rows].mean() for rows in bins]),
        np.array([true[rows].mean() for rows in bins]),
        np.array([len(rows) for rows in bins]),
    )


def _draw(ax, curve, style):
    """Draw a curve, with its error in the legend."""
    style["label"] = f"{style['label']}, error {curve.error:.3f}"
    return ax.plot(curve.mean_proba, curve.shares, **style)[0]
