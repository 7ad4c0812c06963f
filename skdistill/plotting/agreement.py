"""Agreement: on which rows a student gives the answer of its teacher."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.checks import column_of
from skdistill.metrics import agreement
from skdistill.plotting.answers import check_both, drawn_classes
from skdistill.plotting.axes import (
    REFERENCE_STYLE,
    STUDENT_STYLE,
    add_legend,
    check_axes,
    check_matplotlib,
    draw_density,
    line_style,
)
from skdistill.plotting.bins import adaptive_bins, check_count, wilson_interval

KINDS = ("probabilities", "confidence")

# Number of cells of the density along each axis.
_CELLS = 25


class AgreementDisplay:
    """Picture of how often a student gives the answer of its teacher.

    There are two kinds of pictures:

    - "probabilities": the number of rows in each cell of the teacher's and the
      student's probability. A darker cell has more rows, on a logarithmic scale. If
      the student were the teacher, all rows would be on the diagonal.
    - "confidence": the share of rows with the same most probable class, by the
      probability of the teacher's label. The bins have about the same number of
      rows, and each share has a 95 % interval (Wilson 1927). If the teacher is sure,
      a student should agree. If two labels are about equally probable, it may
      disagree.

    Make a display by `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Parameters
    ----------
    teacher_proba, student_proba : ndarray of shape (n_samples,)
        Probabilities of teacher and student that the density is drawn from.
    confidence : ndarray of shape (n_bins,)
        Mean confidence of the teacher in each bin.
    shares : ndarray of shape (n_bins,)
        Share of the rows of each bin on which teacher and student agree.
    lower, upper : ndarray of shape (n_bins,)
        Ends of the interval of each share.
    counts : ndarray of shape (n_bins,), int
        Number of rows in each bin.
    agreement : float
        Share of all rows with the same most probable class. A teacher with a threshold
        of its own may predict another class; a report counts its predictions.
    pos_label : label, default=None
        Class of the probabilities of the density. None for the class that the
        teacher predicts, row by row.
    name : str, default="student"
        Name of the student in the legend.

    Attributes
    ----------
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    density_ : matplotlib QuadMesh or None
        Number of rows in each cell. None for a picture of the other kind.
    line_ : matplotlib Line2D or None
        Shares by confidence. None for a picture of the other kind.
    bars_ : matplotlib LineCollection or None
        Intervals of the shares. None for a picture of the other kind.

    See Also
    --------
    skdistill.metrics.agreement : Share of all rows, as a number.

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
        teacher_X: Any = None,
        kind: str = "probabilities",
        n_bins: int = 15,
        pos_label: Any = None,
        name: str = "student",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a fitted student and its teacher, and draw how often they agree.

        The teacher's probabilities are drawn as the teacher gives them. In `fit`,
        `teacher_temperature_` corrected them for the student. If this temperature is
        far from 1, the student is off the diagonal on purpose.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Fitted estimator.
        X : table of shape (n_samples, n_features)
            Rows, with or without labels.
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: see
            `DistilledClassifier.fit`.
        kind : {"probabilities", "confidence"}, default="probabilities"
            Kind of the picture.
        n_bins : int, default=15
            Greatest number of bins by confidence.
        pos_label : label, default=None
            Class of the compared probabilities. None for the second of two classes,
            or, with more classes, for the class that the teacher predicts. For
            label sets give the label to draw, as in `student_.classes_`.
        name : str, default="student"
            Name of the student in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line of shares.

        Returns
        -------
        display : AgreementDisplay

        Raises
        ------
        ValueError
            If the teacher cannot be asked, or an argument does not fit.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        drawn = drawn_classes(estimator, X, teacher_X, pos_label)
        return cls.from_predictions(
            drawn.teacher_proba,
            drawn.student_proba,
            classes=drawn.classes,
            kind=kind,
            n_bins=n_bins,
            pos_label=drawn.pos_label,
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
        """Draw how often given probabilities agree.

        Parameters
        ----------
        teacher_proba, student_proba : array-like of shape (n_samples, n_classes)
            Probabilities of teacher and student.
        classes : array-like of shape (n_classes,), default=None
            Labels of the columns. None for the numbers 0 to n_classes - 1.
        kind : {"probabilities", "confidence"}, default="probabilities"
            Kind of the picture.
        n_bins : int, default=15
            Greatest number of bins by confidence.
        pos_label : label, default=None
            Class of the compared probabilities. None for the second of two classes,
            or, with more classes, for the class that the teacher predicts.
        name : str, default="student"
            Name of the student in the legend.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line of shares.

        Returns
        -------
        display : AgreementDisplay

        Raises
        ------
        ValueError
            If an argument does not fit the others.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        _check_kind(kind)
        check_count(n_bins, "n_bins")
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
            Axes to draw on. None for axes in a new figure.
        kind : {"probabilities", "confidence"}, default="probabilities"
            Kind of the picture.
        name : str, default=None
            Name of the student in the legend. None for the name of the display.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of the line of shares.

        Returns
        -------
        display : AgreementDisplay
            The display itself.

        Raises
        ------
        ValueError
            If there is no such kind.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
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
        edges = np.linspace(0.0, 1.0, _CELLS + 1)
        points = (self.teacher_proba, self.student_proba)
        self.density_ = draw_density(self.ax_, points, (edges, edges), kwargs)
        self.ax_.plot([0, 1], [0, 1], **REFERENCE_STYLE | {"zorder": 2})
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
        style = line_style(STUDENT_STYLE | {"label": label}, kwargs)
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
            ylabel="share with the same most probable class",
        )
        add_legend(self.ax_, "lower right")


def _check_kind(kind):
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r} is not one of {list(KINDS)}")


def _by_confidence(confidence, same, n_bins):
    """Return the shares of agreement in bins of confidence, by parameter names."""
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
