"""Compression: scores of smaller and faster students."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdistill.plotting.axes import (
    CONTROL_STYLE,
    REFERENCE_STYLE,
    STUDENT_STYLE,
    TEACHER_STYLE,
    add_legend,
    check_axes,
    check_matplotlib,
    line_style,
    make_logarithmic_if_wide,
)
from skdistill.plotting.compression_arguments import (
    arguments_from_compression,
    arguments_from_search,
    arguments_from_table,
)

# Unit of the axis, as a number of units of the sizes, and the label of the axis.
_UNITS = {
    "bytes": (1024.0, "size, KiB"),
    "microseconds": (1.0, "time for one row, µs"),
}


class CompressionCurveDisplay:
    """Picture of the scores of students against their sizes or latencies.

    Each student is a point with its interval. The line of steps is the best score
    that a student up to a size has. A point on the line is filled. A point under the
    line is hollow: another student has a better score and is not larger. Lines across
    the picture are the scores of teacher and control, and the required score.

    Make a display by `from_table` or `from_results`. All parameters are stored as
    attributes, and the arrays are sorted by size.

    Parameters
    ----------
    sizes : array-like of shape (n_students,)
        Sizes of the students, positive numbers.
    scores : array-like of shape (n_students,)
        Scores of the students. A greater score is better.
    lower, upper : array-like of shape (n_students,), default=None
        Ends of the interval of each score. Give both or none.
    interval_name : str, default="95 % interval"
        Name of the intervals in the legend.
    teacher_score : float, default=None
        Score of the teacher.
    teacher_size : float, default=None
        Size of the teacher, for the legend.
    control_score : float or array-like of shape (n_students,), default=None
        Score of the network trained on labels alone, for one size or for each
        student's size.
    required_score : float, default=None
        Score that is good enough.
    chosen : int, default=None
        Index of the student that was chosen.
    size_name : str, default="bytes"
        Unit of the sizes, "bytes" or "microseconds". Any other text is the label of
        the axis.
    score_name : str, default="score"
        Label of the axis of scores.
    name : str, default="student"
        Name of the students in the legend.

    Attributes
    ----------
    front : ndarray of shape (n_front,), int
        Indices of the students on the line: each has a better score than all others
        that are not larger.
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    line_ : matplotlib Line2D
        Best score up to a size.
    points_ : matplotlib Line2D
        Students under the line.
    bars_ : matplotlib LineCollection or None
        Intervals of the scores.
    teacher_line_, control_line_, required_line_ : matplotlib Line2D or None
        Lines of teacher, control and required score.
    chosen_point_ : matplotlib Line2D or None
        Circle around the student that was chosen.

    Raises
    ------
    ValueError
        If an argument does not fit the others.

    Examples
    --------
    >>> from skdistill import CompressionCurveDisplay
    >>> table = {"bytes": [9000, 2000, 4000], "accuracy": [0.97, 0.91, 0.90]}
    >>> display = CompressionCurveDisplay.from_table(
    ...     table, score="accuracy", teacher_score=0.98
    ... )
    >>> display.sizes[display.front]
    array([2000., 9000.])
    """

    def __init__(
        self,
        sizes: ArrayLike,
        scores: ArrayLike,
        *,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        interval_name: str = "95 % interval",
        teacher_score: float | None = None,
        teacher_size: float | None = None,
        control_score: float | ArrayLike | None = None,
        required_score: float | None = None,
        chosen: int | None = None,
        size_name: str = "bytes",
        score_name: str = "score",
        name: str = "student",
    ) -> None:
        given = _numbers(sizes, "sizes")
        if not given.size or given.min() <= 0:
            raise ValueError(f"sizes={given.tolist()!r:.200} are not positive numbers")
        if (lower is None) != (upper is None):
            raise ValueError(
                "lower and upper are the two ends of the intervals: give both"
            )
        order = np.lexsort((-_numbers(scores, "scores", given), given))
        self.sizes = given[order]
        self.scores = _numbers(scores, "scores", given)[order]
        self.lower = self.upper = None
        if lower is not None:
            self.lower = _numbers(lower, "lower", given)[order]
            self.upper = _numbers(upper, "upper", given)[order]
            if np.any(self.lower > self.scores) or np.any(self.upper < self.scores):
                raise ValueError("a score is outside its interval, lower to upper")
        self.interval_name = interval_name
        self.teacher_score = teacher_score
        self.teacher_size = teacher_size
        self.control_score: Any = control_score
        if isinstance(control_score, Iterable):
            self.control_score = _numbers(control_score, "control_score", given)[order]
        self.required_score = required_score
        self.chosen = None
        if chosen is not None:
            if not 0 <= chosen < given.size:
                raise ValueError(
                    f"chosen={chosen} is not the index of one of {given.size} students"
                )
            self.chosen = int(np.flatnonzero(order == chosen)[0])
        self.size_name = size_name
        self.score_name = score_name
        self.name = name
        best_before = np.maximum.accumulate(np.append(-np.inf, self.scores[:-1]))
        self.front = np.flatnonzero(self.scores > best_before)

    @classmethod
    def from_table(
        cls,
        table: Any,
        *,
        size: str = "bytes",
        score: str = "score",
        lower: str | None = None,
        upper: str | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the students of a table.

        Parameters
        ----------
        table : DataFrame, or dict of str to array-like
            Table with a row for each student.
        size, score : str, default="bytes", "score"
            Names of the columns of sizes and scores, which also name the axes.
        lower, upper : str, default=None
            Names of the columns of the ends of intervals.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Other parameters of this class by their names. All others are keyword
            arguments of the line of students.

        Returns
        -------
        display : CompressionCurveDisplay

        Raises
        ------
        ValueError
            If a column is missing, or an argument does not fit the others.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_table")
        arguments = arguments_from_table(table, size, score, lower, upper)
        return cls._drawn(ax, arguments | kwargs)

    @classmethod
    def from_results(
        cls,
        results: Any,
        *,
        size: str = "bytes",
        score: str | None = None,
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the students that a search tried.

        An interval is one standard error to each side. For a search of
        scikit-learn's, it is the standard error of the mean over the splits, by
        which the smallest good model is chosen (Breiman et al. 1984). For
        `compress_to`, it is the standard error of the difference from the teacher's
        score.

        Parameters
        ----------
        results : search or Compression
            Fitted `GridSearchCV`, `RandomizedSearchCV` or `HalvingGridSearchCV`, or
            the object that `compress_to` returned. A search needs a scorer of sizes,
            which may be negative, and a scorer of the score. If it has a scorer named
            "teacher", the mean over the candidates is the teacher's score. Of
            successive halving only the last iteration is drawn, because the
            others used fewer rows.
        size : str, default="bytes"
            Name of the scorer of sizes. For `compress_to`, "bytes" or
            "microseconds".
        score : str, default=None
            Name of the scorer of the score. None for the scorer that `refit` names,
            otherwise for the first one that measures neither size nor teacher.
            `compress_to` has only one score.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Other parameters of this class by their names. All others are keyword
            arguments of the line of students.

        Returns
        -------
        display : CompressionCurveDisplay

        Raises
        ------
        ValueError
            If there is no such scorer, or no candidate has a score and a size.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_results")
        if hasattr(results, "path_"):
            arguments = arguments_from_compression(results, size, score)
        else:
            arguments = arguments_from_search(results, size, score)
        return cls._drawn(ax, arguments | kwargs)

    @classmethod
    def _drawn(cls, ax, arguments):
        """Make a display and draw it; other arguments are for the line."""
        own = {"sizes", "scores", *(cls.__init__.__kwdefaults__ or {})}
        display = cls(**{key: arguments[key] for key in own & set(arguments)})
        style = {key: arguments[key] for key in set(arguments) - own}
        return display.plot(ax=ax, **style)

    def plot(
        self,
        ax: Any = None,
        *,
        name: str | None = None,
        teacher_kwargs: Mapping[str, Any] | None = None,
        control_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        name : str, default=None
            Name of the students in the legend. None for the name of the display.
        teacher_kwargs, control_kwargs : dict, default=None
            Keyword arguments of the lines of the teacher and of the control.
        **kwargs : dict
            Keyword arguments of the line of students.

        Returns
        -------
        display : CompressionCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        unit, label = _UNITS.get(self.size_name, (1.0, self.size_name))
        sizes = self.sizes / unit
        self._draw_lines(sizes, teacher_kwargs, control_kwargs)
        style = line_style(STUDENT_STYLE | {"label": name or self.name}, kwargs)
        self._draw_students(sizes, style)
        ax.set(xlabel=label, ylabel=self.score_name.replace("_", " "))
        make_logarithmic_if_wide(ax, "x", sizes)
        # matplotlib's "best" ignores the bars. Large students seldom have bad scores.
        add_legend(ax, "best" if self.bars_ is None else "lower right")
        return self

    def _draw_lines(self, sizes, teacher_kwargs, control_kwargs):
        """Draw the scores that students are compared with."""
        ax = self.ax_
        self.teacher_line_ = self.control_line_ = self.required_line_ = None
        if self.teacher_score is not None:
            label = f"teacher{self._size_text(self.teacher_size)}"
            style = TEACHER_STYLE | {"marker": "", "label": label}
            style = line_style(style, teacher_kwargs)
            self.teacher_line_ = ax.axhline(self.teacher_score, **style)
        if self.control_score is not None:
            if np.ndim(self.control_score):
                style = line_style(CONTROL_STYLE, control_kwargs)
                (self.control_line_,) = ax.plot(sizes, self.control_score, **style)
            else:
                style = line_style(CONTROL_STYLE | {"marker": ""}, control_kwargs)
                self.control_line_ = ax.axhline(self.control_score, **style)
        if self.required_score is not None:
            style = REFERENCE_STYLE | {"linestyle": "-.", "label": "required"}
            self.required_line_ = ax.axhline(self.required_score, **style)

    def _draw_students(self, sizes, style):
        """Draw the students, the line of the best and the one chosen."""
        ax = self.ax_
        (self.line_,) = ax.plot(
            sizes[self.front],
            self.scores[self.front],
            **{"drawstyle": "steps-post"} | style,
        )
        color = self.line_.get_color()
        under = np.setdiff1d(np.arange(len(sizes)), self.front)
        (self.points_,) = ax.plot(
            sizes[under],
            self.scores[under],
            color=color,
            marker=self.line_.get_marker(),
            markersize=self.line_.get_markersize(),
            markerfacecolor="white",
            linestyle="none",
            # A hollow point at the same place must not hide a point on the line.
            zorder=self.line_.get_zorder() - 0.1,
        )
        self.bars_ = self.chosen_point_ = None
        if self.lower is not None:
            self.bars_ = ax.vlines(
                sizes,
                self.lower,
                self.upper,
                color=color,
                linewidth=0.8,
                label=self.interval_name,
            )
        if self.chosen is not None:
            (self.chosen_point_,) = ax.plot(
                sizes[self.chosen],
                self.scores[self.chosen],
                marker="o",
                markersize=10,
                markerfacecolor="none",
                color="black",
                linestyle="none",
                label=f"chosen{self._size_text(self.sizes[self.chosen])}",
            )

    def _size_text(self, size):
        """Return the text of a size in the legend."""
        if size is None:
            return ""
        unit = {"bytes": " bytes", "microseconds": " µs"}.get(self.size_name, "")
        if self.size_name == "bytes":
            for larger in (" KiB", " MiB", " GiB"):
                if size < 1024:
                    break
                size, unit = size / 1024, larger
        return f", {size:,.0f}{unit}" if size >= 100 else f", {size:.3g}{unit}"


def _numbers(values, name, like=None):
    """Return values as an array; raise unless finite and of the shape of `like`."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or (like is not None and numbers.shape != like.shape):
        wanted = "(n_students,)" if like is None else like.shape
        raise ValueError(f"{name} has shape {numbers.shape}, not {wanted}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}={numbers.tolist()!r:.200} are not all finite")
    return numbers
