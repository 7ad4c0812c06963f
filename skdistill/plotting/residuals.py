"""Residuals: how far a student's numbers are from its teacher's, and both from y."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import PredictionErrorDisplay, r2_score

from skdistill.common.sklearn_compat import num_samples
from skdistill.estimators.find import ask_both
from skdistill.estimators.label_names import check_order_of_columns
from skdistill.estimators.number_targets import check_numbers_of_y
from skdistill.plotting.axes import (
    REFERENCE_STYLE,
    check_axes,
    check_matplotlib,
    draw_density,
)
from skdistill.tasks.check_numbers import check_numbers

_KINDS = ("teacher", "actual_vs_predicted", "residual_vs_predicted")

# Number of cells of the density along each axis.
_CELLS = 25


class ResidualsDisplay:
    """Picture of a student's residuals: of its teacher, and of y.

    There are three kinds of pictures:

    - "teacher": the student's number minus the teacher's, by the teacher's number. A
      darker cell has more rows, on a logarithmic scale. If the student were the
      teacher, all rows would be on the line at zero. It needs no y.
    - "actual_vs_predicted" and "residual_vs_predicted": y, or y minus the number, by
      the numbers of the teacher, and beside it by those of the student, each as a
      `sklearn.metrics.PredictionErrorDisplay` of this kind.

    Make a display by `from_estimator` or `from_predictions`. All parameters are
    stored as attributes.

    Parameters
    ----------
    teacher_prediction, student_prediction : ndarray of shape (n_samples,)
        Numbers of teacher and student.
    y : ndarray of shape (n_samples,) or None, default=None
        True numbers. None if they are not known.
    column : int or None, default=None
        Number of the target or quantile. None if there is one.
    name : str, default="student"
        Name of the student in the labels.

    Attributes
    ----------
    ax_ : matplotlib Axes, or ndarray of shape (2,) of matplotlib Axes
        Axes of the picture: one for the kind "teacher", two for the others.
    figure_ : matplotlib Figure
        Figure of the picture.
    density_ : matplotlib QuadMesh or None
        Number of rows in each cell. None for a picture of the other kind.
    errors_ : tuple of PredictionErrorDisplay or None
        Displays of teacher and student. None for a picture of the other kind.

    See Also
    --------
    AgreementDisplay : The same for classes.
    sklearn.metrics.PredictionErrorDisplay : Picture of one model.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import ResidualsDisplay
    >>> teacher, student = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    >>> display = ResidualsDisplay.from_predictions(teacher, student)
    >>> display.residuals
    array([ 0.5,  0. , -1. ])
    """

    def __init__(
        self,
        teacher_prediction: NDArray[Any],
        student_prediction: NDArray[Any],
        y: NDArray[Any] | None = None,
        *,
        column: int | None = None,
        name: str = "student",
    ) -> None:
        self.teacher_prediction = teacher_prediction
        self.student_prediction = student_prediction
        self.y = y
        self.column = column
        self.name = name

    @property
    def residuals(self) -> NDArray[np.float64]:
        """Student's number minus the teacher's; shape (n_samples,)."""
        return self.student_prediction - self.teacher_prediction

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike | None = None,
        *,
        teacher_X: Any = None,
        kind: str = "teacher",
        column: int | None = None,
        name: str = "student",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Ask a fitted student and its teacher, and draw their residuals.

        The teacher's numbers are drawn as the teacher gives them. In `fit`,
        `teacher_slope_` and `teacher_offset_` corrected them for the student. If the
        slope is far from 1, the student is off the line on purpose.

        Parameters
        ----------
        estimator : DistilledRegressor, or pipeline that ends in one, or search
            Fitted estimator. The student may be inside a `TransformedTargetRegressor`:
            then all numbers are in the units of y.
        X : table of shape (n_samples, n_features)
            Rows.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
            Numbers of the rows, for all kinds but "teacher".
        teacher_X : array-like of n_samples rows, default=None
            Rows of the teacher, if it reads others than the student: see
            `DistilledRegressor.fit`.
        kind : {"teacher", "actual_vs_predicted", "residual_vs_predicted"}, \
default="teacher"
            Kind of the picture.
        column : int, default=None
            Number of the target or quantile that is drawn. None if there is one.
        name : str, default="student"
            Name of the student in the labels.
        ax : matplotlib Axes, or array-like of two of them, default=None
            Axes to draw on: one for the kind "teacher", two for the others. None for
            axes in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of both displays' `plot`.

        Returns
        -------
        display : ResidualsDisplay

        Raises
        ------
        ValueError
            If the estimator answers with classes, if the teacher cannot be asked, or
            if an argument does not fit, such as a y with its columns in another order.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        teacher, student, model = ask_both(estimator, X, teacher_X, kind="numbers")
        check_order_of_columns(y, model.task_)
        return cls.from_predictions(
            teacher, student, y, kind=kind, column=column, name=name, ax=ax, **kwargs
        )

    @classmethod
    def from_predictions(
        cls,
        teacher_prediction: ArrayLike,
        student_prediction: ArrayLike,
        y: ArrayLike | None = None,
        *,
        kind: str = "teacher",
        column: int | None = None,
        name: str = "student",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the residuals of given numbers.

        Parameters
        ----------
        teacher_prediction, student_prediction : array-like of shape (n_samples,) or \
(n_samples, n_columns)
            Numbers of teacher and student.
        y : array-like of shape (n_samples,) or (n_samples, n_targets), default=None
            Numbers of the rows, for all kinds but "teacher".
        kind : {"teacher", "actual_vs_predicted", "residual_vs_predicted"}, \
default="teacher"
            Kind of the picture.
        column : int, default=None
            Number of the target or quantile that is drawn. None if there is one.
        name : str, default="student"
            Name of the student in the labels.
        ax : matplotlib Axes, or array-like of two of them, default=None
            Axes to draw on: one for the kind "teacher", two for the others. None for
            axes in a new figure.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of both displays' `plot`.

        Returns
        -------
        display : ResidualsDisplay

        Raises
        ------
        ValueError
            If an argument does not fit the others.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_predictions")
        n_rows = num_samples(teacher_prediction)
        if n_rows == 0:
            raise ValueError("teacher_prediction has no rows")
        teacher = check_numbers(teacher_prediction, n_rows, None, "teacher_prediction")
        n_columns = teacher.shape[1]
        student = check_numbers(
            student_prediction, n_rows, n_columns, "student_prediction"
        )
        drawn = _check_column(column, n_columns)
        if y is not None:
            check_numbers_of_y(y, "Leave rows without numbers out of a picture")
            truth = check_numbers(y, n_rows, None, "y")
            if truth.shape[1] not in (1, n_columns):
                raise ValueError(
                    f"y has {truth.shape[1]} columns, and the predictions have "
                    f"{n_columns}"
                )
            # Quantiles have several columns for one target.
            y = truth[:, drawn if truth.shape[1] > 1 else 0]
        display = cls(teacher[:, drawn], student[:, drawn], y, column=column, name=name)
        return display.plot(ax=ax, kind=kind, **kwargs)

    def plot(
        self,
        ax: Any = None,
        *,
        kind: str = "teacher",
        name: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, or array-like of two of them, default=None
            Axes to draw on: one for the kind "teacher", two for the others. None for
            axes in a new figure.
        kind : {"teacher", "actual_vs_predicted", "residual_vs_predicted"}, \
default="teacher"
            Kind of the picture.
        name : str, default=None
            Name of the student in the labels. None for the name of the display.
        **kwargs : dict
            Keyword arguments of `pcolormesh`, or of both displays' `plot`.

        Returns
        -------
        display : ResidualsDisplay
            The display itself.

        Raises
        ------
        ValueError
            If there is no such kind, or if it needs y, which was not given.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        if kind not in _KINDS:
            raise ValueError(f"kind={kind!r} is not one of {list(_KINDS)}")
        self.density_ = self.errors_ = None
        if kind == "teacher":
            self._draw_residuals(ax, name or self.name, kwargs)
        else:
            self._draw_errors(ax, kind, name or self.name, kwargs)
        return self

    def _draw_residuals(self, ax, name, kwargs):
        """Draw the density of the residuals, by the teacher's numbers."""
        self.ax_ = check_axes(self, ax)
        self.figure_ = self.ax_.figure
        residuals, teacher = self.residuals, self.teacher_prediction
        self.density_ = draw_density(
            self.ax_,
            (teacher, residuals),
            (_edges(teacher.min(), teacher.max()), _edges(*_around_zero(residuals))),
            kwargs,
        )
        self.ax_.axhline(0.0, **REFERENCE_STYLE | {"zorder": 2})
        of = "" if self.column is None else f", column {self.column}"
        self.ax_.set(xlabel=f"teacher's number{of}", ylabel=f"{name}'s minus teacher's")
        if len(teacher) > 1 and np.ptp(teacher) > 0.0:
            fidelity = r2_score(teacher, self.student_prediction)
            self.ax_.set_title(f"R² to the teacher: {fidelity:.4f}", fontsize="medium")

    def _draw_errors(self, ax, kind, name, kwargs):
        """Draw y against the numbers of both models, side by side."""
        if self.y is None:
            raise ValueError(
                f'kind="{kind}" draws y, and y is None: give y, or kind="teacher"'
            )
        check_matplotlib(f"{type(self).__name__}.plot")
        if ax is None:
            import matplotlib.pyplot as plt

            ax = plt.subplots(
                ncols=2, sharex=True, sharey=True, figsize=(8, 4), layout="constrained"
            )[1]
        axes = np.asarray(ax, dtype=object).ravel()
        if axes.size != 2:
            raise ValueError(
                f'ax holds {axes.size} axes: kind="{kind}" draws on two, one for the '
                "teacher and one for the student"
            )
        self.ax_, self.figure_ = axes, axes[0].figure
        drawn = (("teacher", self.teacher_prediction), (name, self.student_prediction))
        displays = []
        for own, (model, numbers) in zip(axes, drawn, strict=True):
            display = PredictionErrorDisplay(y_true=self.y, y_pred=numbers)
            displays.append(display.plot(ax=own, kind=kind, **kwargs))
            if kind == "actual_vs_predicted":
                # Axes that share their limits cannot be drawn with other limits.
                own.set_aspect("equal", adjustable="box")
            own.set_title(f"{model}, R² {r2_score(self.y, numbers):.4f}")
        self.errors_ = tuple(displays)


def _check_column(column, n_columns):
    """Return the number of the column to draw."""
    if column is None and n_columns > 1:
        raise ValueError(
            f"the predictions have {n_columns} columns: give column, a number from 0 "
            f"to {n_columns - 1}"
        )
    drawn = 0 if column is None else column
    is_number = isinstance(drawn, int | np.integer) and not isinstance(drawn, bool)
    if not is_number or not 0 <= drawn < n_columns:
        raise ValueError(
            f"column={column!r:.100} is not a number from 0 to {n_columns - 1}"
        )
    return drawn


def _around_zero(values):
    """Return ends of a range with zero in the middle, without the widest 1 %."""
    reach = float(np.percentile(np.abs(values), 99.0))
    return -reach, reach


def _edges(low, high):
    """Return the edges of the cells between two numbers."""
    if not low < high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, _CELLS + 1)
