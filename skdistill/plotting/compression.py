"""Compression: what smaller and faster students reach."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from skdistill.plotting.axes import (
    CONTROL,
    REFERENCE,
    STUDENT,
    TEACHER,
    add_legend,
    check_axes,
    check_matplotlib,
    line_style,
    spread_out,
)
from skdistill.plotting.searches import candidates, tried_students

# What is drawn for a size: its unit in those of the axis, and their name.
_UNITS = {
    "bytes": (1024.0, "size, KiB"),
    "microseconds": (1.0, "time for one row, µs"),
}


class CompressionCurveDisplay:
    """Size or latency of students against what they reach.

    A point a student, with its interval. The line of steps is the best score to
    be had up to a size: points on it are filled, those under it hollow, as a
    student no larger reaches more. Teacher, control and what is required are
    lines across the picture.

    Make one by `from_table` or `from_results`; all parameters are stored as
    attributes, arrays sorted by size.

    Parameters
    ----------
    sizes : array-like of shape (n_students,)
        Positive numbers.
    scores : array-like of shape (n_students,)
        The greater the better.
    lower, upper : array-like of shape (n_students,), default=None
        Ends of the interval of each score; both or none.
    interval_name : str, default="95 % interval"
        What the legend calls the intervals.
    teacher_score : float, default=None
        The teacher's score.
    teacher_size : float, default=None
        Its size, which stands in the legend.
    control_score : float or array-like of shape (n_students,), default=None
        The score of the network trained on labels alone, of one size or of each.
    required_score : float, default=None
        What is good enough.
    chosen : int, default=None
        The number of the student that was chosen.
    size_name : str, default="bytes"
        What the sizes are: "bytes", "microseconds", or the name of the axis.
    score_name : str, default="score"
        The name of the axis of scores.
    name : str, default="student"
        What the legend calls the students.

    Attributes
    ----------
    front : ndarray of shape (n_front,), int
        The students that reach more than any that is no larger.
    ax_ : matplotlib Axes
    figure_ : matplotlib Figure
    line_ : matplotlib Line2D
        The best score up to a size.
    points_ : matplotlib Line2D
        Students under that line.
    bars_ : matplotlib LineCollection or None
        The intervals.
    teacher_line_, control_line_, required_line_, chosen_point_ : \
matplotlib Line2D or None

    Raises
    ------
    ValueError
        Where an argument does not fit the others.

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
            raise ValueError("lower and upper are the ends of intervals: give both")
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
                raise ValueError(f"chosen={chosen} is none of {given.size} students")
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
        """Draw students that stand in a table.

        Parameters
        ----------
        table : DataFrame, or dict of str to array-like
            A row a student.
        size, score : str, default="bytes", "score"
            Names of columns, and of the axes.
        lower, upper : str, default=None
            Names of the columns of the ends of intervals.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        **kwargs : dict
            Other parameters of this class by name, and the rest to the line.

        Returns
        -------
        display : CompressionCurveDisplay

        Raises
        ------
        ValueError
            Where a column is not there, or an argument does not fit the others.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_table")
        columns = {
            "sizes": _column(table, size),
            "scores": _column(table, score),
            "lower": None if lower is None else _column(table, lower),
            "upper": None if upper is None else _column(table, upper),
        }
        names = {"size_name": size, "score_name": score}
        return cls._drawn(ax, columns | names | kwargs)

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

        Intervals are one standard error to each side. Of a search of
        scikit-learn's it is that of the mean over the splits, by which the
        smallest good model is chosen (Breiman et al. 1984); of `compress_to`,
        that of the difference from the teacher's score.

        Parameters
        ----------
        results : fitted search, or what `compress_to` returns
            A `GridSearchCV`, `RandomizedSearchCV` or `HalvingGridSearchCV` needs a
            scorer of sizes, which may be negative, beside that of the score; one
            named "teacher" gives the teacher's score, the mean over the
            candidates. Of successive halving the last iteration is drawn, as the
            others saw fewer rows.
        size : str, default="bytes"
            The name of the scorer of sizes; of `compress_to`, "bytes" or
            "microseconds".
        score : str, default=None
            The name of the scorer of the score; None, the one that `refit` names,
            else the first of the others. `compress_to` has one score alone.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        **kwargs : dict
            Other parameters of this class by name, and the rest to the line.

        Returns
        -------
        display : CompressionCurveDisplay

        Raises
        ------
        ValueError
            Where there is no such scorer, or no candidate has a score and a size.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_results")
        read = tried_students if hasattr(results, "path_") else candidates
        return cls._drawn(ax, read(results, size, score) | kwargs)

    @classmethod
    def _drawn(cls, ax, arguments):
        """Make a display and draw it; what it does not take is for the line."""
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
            Where to draw; None, in a new figure.
        name : str, default=None
            What the legend calls the students; None, as before.
        teacher_kwargs, control_kwargs : dict, default=None
            Keyword arguments of the lines of the teacher and of the control.
        **kwargs : dict
            Keyword arguments of the line of students.

        Returns
        -------
        display : CompressionCurveDisplay
            Itself.

        Raises
        ------
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        unit, label = _UNITS.get(self.size_name, (1.0, self.size_name))
        sizes = self.sizes / unit
        self._draw_lines(sizes, teacher_kwargs, control_kwargs)
        style = line_style(STUDENT | {"label": name or self.name}, kwargs)
        self._draw_students(sizes, style)
        ax.set(xlabel=label, ylabel=self.score_name.replace("_", " "))
        spread_out(ax, "x", sizes)
        # "best" does not see the bars; large students are seldom bad.
        add_legend(ax, "best" if self.bars_ is None else "lower right")
        return self

    def _draw_lines(self, sizes, teacher_kwargs, control_kwargs):
        """Draw the scores that students are compared with."""
        ax = self.ax_
        self.teacher_line_ = self.control_line_ = self.required_line_ = None
        if self.teacher_score is not None:
            label = f"teacher{self._size_text(self.teacher_size)}"
            style = TEACHER | {"marker": "", "label": label}
            style = line_style(style, teacher_kwargs)
            self.teacher_line_ = ax.axhline(self.teacher_score, **style)
        if self.control_score is not None:
            if np.ndim(self.control_score):
                style = line_style(CONTROL, control_kwargs)
                (self.control_line_,) = ax.plot(sizes, self.control_score, **style)
            else:
                style = line_style(CONTROL | {"marker": ""}, control_kwargs)
                self.control_line_ = ax.axhline(self.control_score, **style)
        if self.required_score is not None:
            style = REFERENCE | {"linestyle": "-.", "label": "required"}
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
            # One that equals a student on the line does not hide it.
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
        """Return a size as it stands in the legend."""
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
    """Return finite numbers, as many as another array has."""
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or (like is not None and numbers.shape != like.shape):
        wanted = "(n_students,)" if like is None else like.shape
        raise ValueError(f"{name} has shape {numbers.shape}, not {wanted}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}={numbers.tolist()!r:.200} are not all finite")
    return numbers


def _column(table, name):
    """Return a column of a table."""
    if name not in table:
        names = list(getattr(table, "columns", table))
        raise ValueError(
            f"the table has no column {name!r}, but {names!r:.200}: name those of "
            "size, score, lower and upper"
        )
    return table[name]
