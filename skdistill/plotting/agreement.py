"""Agreement: where a student says what its teacher says."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.estimators.find import ask_both
from skdistill.metrics import agreement
from skdistill.plotting.answers import check_both, column_of
from skdistill.plotting.axes import (
    REFERENCE,
    STUDENT,
    add_legend,
    check_axes,
    check_matplotlib,
    line_style,
)
from skdistill.plotting.bins import adaptive_bins, check_n_bins, wilson_interval

KINDS = ("probabilities", "confidence")

# Cells of the density a side.
_CELLS = 25


class AgreementDisplay:
    """Where a student says what its teacher says.

    Two kinds of pictures:

    - "probabilities": how many rows the teacher gives one probability and the
      student another, darker where they are more, on a logarithmic scale. All
      would stand on the diagonal if the student were the teacher.
    - "confidence": the share of rows to which both give the same label, by the
      probability of the teacher's label, in bins of about the same number of
      rows, with 95 % intervals (Wilson 1927). Where the teacher is sure, a
      student should agree; where two labels are about as probable, it may not.

    Make one by `from_estimator` or `from_predictions`; all parameters are stored
    as attributes.

    Parameters
    ----------
    teacher_proba, student_proba : ndarray of shape (n_samples,)
        The probabilities of the density.
    confidence, shares, lower, upper : ndarray of shape (n_bins,)
        The teacher's mean confidence in each bin, the share of rows on which
        they agree, and its interval.
    counts : ndarray of shape (n_bins,), int
        The rows of each bin.
    agreement : float
        The share over all rows.
    pos_label : label, default=None
        Whose probabilities those of the density are; None, those of the label
        that the teacher predicts.
    name : str, default="student"
        What the legend calls the student.

    Attributes
    ----------
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    density_ : matplotlib QuadMesh or None
        Rows in each cell; None for the other kind.
    line_ : matplotlib Line2D or None
        Shares by confidence; None for the other kind.
    bars_ : matplotlib LineCollection or None
        Intervals of the shares; None for the other kind.

    See Also
    --------
    skdistill.metrics.agreement : The share over all rows.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import AgreementDisplay
    >>> teacher_proba = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.5, 0.5]])
    >>> student_proba = np.array([[0.8, 0.2], [0.1, 0.9], [0.6, 0.4], [0.6, 0.4]])
    >>> display = AgreementDisplay.from_predictions(
    ...     teacher_proba, student_proba, kind="confidence", n_bins=2
    ... )
    >>> display.shares
    array([0.5, 1. ])
    """

    def __init__(
        self,
        teacher_proba: NDArray[Any],
        student_proba: NDArray[Any],
        *,
        confidence: NDArray[Any],
        shares: NDArray[Any],
        lower: NDArray[Any],
        upper: NDArray[Any],
        counts: NDArray[Any],
        agreement: float,
        pos_label: Any = None,
        name: str = "student",
    ) -> None:
        self.teacher_proba = teacher_proba
        self.student_proba = student_proba
        self.confidence = confidence
        self.shares = shares
        self.lower = lower
        self.upper = upper
        self.counts = counts
        self.agreement = agreement
        self.pos_label = pos_label
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        kind: str = "probabilities",
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a fitted student and its teacher, and draw where they agree.

        The teacher's probabilities are those that it gives, before
        `teacher_temperature_` corrects them for the student. Where that is far
        from 1, the student is off the diagonal on purpose.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Fitted.
        X : table of shape (n_samples, n_features)
            Rows, with or without labels.
        kind : {"probabilities", "confidence"}, default="probabilities"
            What to draw.
        n_bins : int, default=15
            The greatest number of bins by confidence.
        pos_label : label, default=None
            Whose probabilities are compared; None, of two classes the second's,
            of more those of the label that the teacher predicts.
        name : str, default="student"
            What the legend calls the student.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line.

        Returns
        -------
        display : AgreementDisplay

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
            teacher_proba,
            student_proba,
            classes=classes,
            kind=kind,
            n_bins=n_bins,
            pos_label=pos_label,
            name=name,
            ax=ax,
            **kwargs,
        )

    @classmethod
    def from_predictions(
        cls,
        teacher_proba: ArrayLike,
        student_proba: ArrayLike,
        *,
        classes: ArrayLike | None = None,
        kind: str = "probabilities",
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw where given probabilities agree.

        Parameters
        ----------
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Probabilities.
        classes : array-like of shape (n_classes,), default=None
            The labels of their columns; None, 0 to n_classes - 1.
        kind : {"probabilities", "confidence"}, default="probabilities"
            What to draw.
        n_bins : int, default=15
            The greatest number of bins by confidence.
        pos_label : label, default=None
            Whose probabilities are compared; None, of two classes the second's,
            of more those of the label that the teacher predicts.
        name : str, default="student"
            What the legend calls the student.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line.

        Returns
        -------
        display : AgreementDisplay

        Raises
        ------
        ValueError
            Where an argument does not fit the others.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        _check_kind(kind)
        check_n_bins(n_bins)
        teacher, student, labels = check_both(teacher_proba, student_proba, classes)
        if pos_label is None and len(labels) == 2:
            pos_label = labels.tolist()[1]
        predicted = teacher.argmax(axis=1)
        columns = predicted if pos_label is None else column_of(pos_label, labels)
        rows = np.arange(len(teacher))
        display = cls(
            teacher[rows, columns],
            student[rows, columns],
            **_by_confidence(
                teacher.max(axis=1), predicted == student.argmax(1), n_bins
            ),
            agreement=agreement(teacher, student),
            pos_label=pos_label,
            name=name,
        )
        return display.plot(ax=ax, kind=kind, **kwargs)

    def plot(
        self,
        ax: Any = None,
        *,
        kind: str = "probabilities",
        name: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        kind : {"probabilities", "confidence"}, default="probabilities"
            What to draw.
        name : str, default=None
            What the legend calls the student; None, as before.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line.

        Returns
        -------
        display : AgreementDisplay
            Itself.

        Raises
        ------
        ValueError
            Where there is no such kind.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        _check_kind(kind)
        self.ax_ = check_axes(self, ax)
        self.figure_ = self.ax_.figure
        self.density_ = self.line_ = self.bars_ = None
        if kind == "probabilities":
            self._draw_density(name or self.name, kwargs)
        else:
            self._draw_confidence(name or self.name, kwargs)
        return self

    def _draw_density(self, name, kwargs):
        from matplotlib.colors import LogNorm

        edges = np.linspace(0.0, 1.0, _CELLS + 1)
        cells = np.histogram2d(self.teacher_proba, self.student_proba, edges)[0]
        style = {"cmap": "cividis_r", "norm": LogNorm(1, max(2, cells.max()))}
        self.density_ = self.ax_.pcolormesh(
            edges, edges, np.ma.masked_equal(cells.T, 0), **style | kwargs
        )
        self.ax_.plot([0, 1], [0, 1], **REFERENCE | {"zorder": 2})
        self.figure_.colorbar(self.density_, ax=self.ax_, label="rows")
        if self.pos_label is None:
            label, same = "its label", "the same"
        else:
            label = same = f"class {self.pos_label}"
        self.ax_.set(
            xlabel=f"teacher's probability of {label}",
            ylabel=f"{name}'s of {same}",
        )

    def _draw_confidence(self, name, kwargs):
        label = f"{name}, {100 * self.agreement:.1f} % of all rows"
        style = line_style(STUDENT | {"label": label}, kwargs)
        (self.line_,) = self.ax_.plot(self.confidence, self.shares, **style)
        self.bars_ = self.ax_.vlines(
            self.confidence,
            self.lower,
            self.upper,
            color=self.line_.get_color(),
            linewidth=0.8,
        )
        self.ax_.set(
            xlabel="teacher's probability of its label",
            ylabel="share with the same label",
        )
        add_legend(self.ax_, "lower right")


def _check_kind(kind):
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not one of {list(KINDS)}")


def _by_confidence(confidence, same, n_bins):
    """Return the share of rows with the same label in bins of confidence."""
    bins = adaptive_bins(confidence, n_bins)
    counts = np.array([len(rows) for rows in bins])
    shares = np.array([same[rows].mean() for rows in bins])
    lower, upper = wilson_interval(shares, counts)
    return {
        "confidence": np.array([confidence[rows].mean() for rows in bins]),
        "shares": shares,
        "lower": lower,
        "upper": upper,
        "counts": counts,
    }
