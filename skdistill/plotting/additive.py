"""Additive students: the function of each column, which people can read."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from skdistill.estimators.find import find_distilled, names_of_columns
from skdistill.plotting.axes import (
    REFERENCE_STYLE,
    add_legend,
    check_matplotlib,
    line_style,
)
from skdistill.plotting.bins import check_count
from skdistill.plotting.column_functions import (
    ColumnFunction,
    functions_on_rows,
)
from skdistill.plotting.function_axes import (
    draw_levels,
    draw_numbers,
    line_styles,
    set_heights,
    short_text,
)
from skdistill.student.student import Student

# Inches of the axes of one function, in a figure that a display makes.
_WIDTH, _HEIGHT = 2.4, 2.0


class AdditiveDisplay:
    """Picture of an additive student: one function of each column.

    A student without hidden layers (``hidden_layer_sizes=()``) is additive: the
    log-odds of a row are a sum of one function of each column, and an intercept. So the
    picture shows all that a column does, whatever the other columns hold. With two
    classes, a function is the contribution to the log-odds of a class. With more
    classes, there is a line for each class: its contribution to the logit of the class,
    minus the mean over the classes, which does not change the probabilities. A student
    of numbers has a line for each target or quantile: its contribution to the number,
    in the units of y, before the answer is kept within its range.

    All functions are centred on the rows of X: the mean contribution of the rows is 0.
    All axes have the same height, so that the functions can be compared. The column
    whose contributions have the greatest standard deviation over the rows is the first.

    A number has a line. Up to 30 different numbers have a point each. Of more numbers,
    the picture leaves out the tails: see `percentiles`. Text below the axes says how
    many rows that are. Grey bars at the foot count the rows, so that a reader sees
    where the line rests on few of them. A category has a bar for each level: numbers in
    their order, otherwise the most frequent first, and at most 12. Levels that were
    rare or unseen in fit, and missing values, have a place of their own on the right if
    a row of X has them.

    Make a display by `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    functions : list of ColumnFunction
        Functions in the order in which they are drawn. Each has a `name`, the number
        `feature` of its column, its `spread`, and the `contributions` of the rows, of
        shape (n_samples, n_lines).
    intercept : ndarray of shape (n_lines,)
        Value of each line for a row whose contributions are all 0. The contributions of
        all columns and the intercept add up to the log-odds or the centred logits.
    labels : list
        Class, label, number of the target, or quantile of each line.
    n_columns : int
        Number of columns that the student uses.
    is_log_odds : bool
        Whether the line is the contribution to the log-odds of one of two classes, or
        of one label.
    percentiles : tuple of float, default=(0.01, 0.99)
        Shares of the rows below the first and the last number that is shown, in columns
        of more than 30 different numbers. All numbers are shown if those between the
        percentiles are equal.
    line_title : {"class", "label", "target", "quantile"}, default="class"
        Kind of the lines. Lines of targets and quantiles are contributions to numbers.

    Attributes
    ----------
    figure_ : matplotlib Figure
        Figure of the picture.
    axes_ : ndarray of matplotlib Axes
        Axes of each function. For a figure that the display made, the shape is that of
        the grid, and a place without a function is None.
    bounding_ax_ : matplotlib Axes or None
        Axes whose place the grid has taken. None if axes were given for each function.
    lines_ : list of list of matplotlib Line2D
        Lines of each function, one for each class. The list of a category is empty.
    bars_ : list of list of matplotlib BarContainer
        Bars of each category, one for each class. The list of a number is empty.

    See Also
    --------
    sklearn.inspection.PartialDependenceDisplay : Picture of the mean prediction by a
        column, for models in which columns interact.

    References
    ----------
    .. [1] T. Hastie and R. Tibshirani, "Generalized additive models", Statistical
       Science 1, 1986.
    .. [2] Y. Lou, R. Caruana and J. Gehrke, "Intelligible models for classification
       and regression", KDD 2012.

    Examples
    --------
    >>> import numpy as np
    >>> from skdistill import AdditiveDisplay, Student
    >>> student = Student(
    ...     [np.array([[2.0], [-1.0]])], [np.array([0.5])], "relu", ["no", "yes"]
    ... )
    >>> X = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 8.0]])
    >>> display = AdditiveDisplay.from_estimator(student, X)
    >>> [function.name for function in display.functions]
    ['x1', 'x0']
    >>> display.functions[0].contributions.ravel()
    array([ 3.,  1., -4.])
    """

    def __init__(
        self,
        functions: Sequence[ColumnFunction],
        *,
        intercept: NDArray[Any],
        labels: Sequence[Any],
        n_columns: int,
        is_log_odds: bool,
        percentiles: tuple[float, float] = (0.01, 0.99),
        line_title: str = "class",
    ) -> None:
        self.functions = list(functions)
        self.intercept = intercept
        self.labels = list(labels)
        self.n_columns = n_columns
        self.is_log_odds = is_log_odds
        self.percentiles = percentiles
        self.line_title = line_title

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        *,
        features: Any = None,
        max_features: int | None = 9,
        pos_label: Any = None,
        percentiles: tuple[float, float] = (0.01, 0.99),
        ax: Any = None,
        n_cols: int = 3,
        line_kw: Mapping[str, Any] | None = None,
        bar_kw: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw the functions of an additive student.

        Parameters
        ----------
        estimator : DistilledClassifier, pipeline that ends in one, search, or Student
            Fitted estimator without hidden layers, or its student, which may come from
            a file. The columns of a pipeline are those that its last step gets, with
            the names that the steps before give to them, such as words.
        X : table of shape (n_samples, n_features)
            Rows that the functions are centred on, and whose density is drawn. They
            need no labels.
        features : sequence of (int or str), int or str, default=None
            Names or numbers of the columns to draw, in this order. None for those with
            the greatest spread.
        max_features : int or None, default=9
            Greatest number of columns to draw if `features` is None. None for all.
        pos_label : label, default=None
            Class to draw. None for the second of two classes, or, with more classes,
            for all of them. Numbers have no classes.
        percentiles : tuple of float, default=(0.01, 0.99)
            Shares of the rows below the first and the last number that is shown, in
            columns of more than 30 different numbers. A few extreme rows then do not
            squeeze the others. All numbers are shown if those between the percentiles
            are equal. (0, 1) shows all rows.
        ax : matplotlib Axes or array-like of Axes, default=None
            Axes whose place a grid of axes takes, or axes for each function. None for a
            grid in a new figure.
        n_cols : int, default=3
            Greatest number of axes side by side. It has no effect on given axes.
        line_kw : dict, default=None
            Keyword arguments of all lines.
        bar_kw : dict, default=None
            Keyword arguments of all bars of levels.

        Returns
        -------
        display : AdditiveDisplay

        Raises
        ------
        ValueError
            If the student has a hidden layer, if X has other columns than in fit, or if
            another argument does not fit.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        _check_percentiles(percentiles)
        if isinstance(estimator, Student):
            student, names = estimator, estimator.names
        else:
            model, transform = find_distilled(estimator, "A Student may be given, too")
            student, names, X = (
                model.student_,
                names_of_columns(estimator),
                transform(X),
            )
        drawn = functions_on_rows(student, names, X, pos_label, features, max_features)
        display = cls(
            **drawn._asdict(),
            is_log_odds=_are_log_odds(student.output, drawn.labels),
            percentiles=percentiles,
            line_title=_line_title(student.output),
        )
        return display.plot(ax=ax, n_cols=n_cols, line_kw=line_kw, bar_kw=bar_kw)

    def plot(
        self,
        ax: Any = None,
        *,
        n_cols: int = 3,
        line_kw: Mapping[str, Any] | None = None,
        bar_kw: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes or array-like of Axes, default=None
            Axes whose place a grid of axes takes, or axes for each function. None for a
            grid in a new figure.
        n_cols : int, default=3
            Greatest number of axes side by side. It has no effect on given axes.
        line_kw : dict, default=None
            Keyword arguments of all lines.
        bar_kw : dict, default=None
            Keyword arguments of all bars of levels.

        Returns
        -------
        display : AdditiveDisplay
            The display itself.

        Raises
        ------
        ValueError
            If another number of axes is given than there are functions.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{type(self).__name__}.plot")
        axes = self._make_axes(ax, n_cols)
        styles = [line_style(style, line_kw) for style in line_styles(self.labels)]
        self.lines_, self.bars_, drawn = [], [], []
        for own, function in zip(axes, self.functions, strict=True):
            own.axhline(0.0, **REFERENCE_STYLE)
            lines, bars = [], []
            if function.shape.kind == "category":
                bars, values = draw_levels(own, function, styles, bar_kw)
            else:
                lines, values = draw_numbers(own, function, styles, self.percentiles)
            self.lines_.append(lines)
            self.bars_.append(bars)
            drawn.append(values.ravel())
            own.set_title(short_text(function.name, 28), fontsize="medium")
            own.tick_params(labelsize="small")
        set_heights(axes, np.concatenate(drawn))
        self._label_axes(axes, is_own_figure=ax is None)
        return self

    def _make_axes(self, ax, n_cols):
        """Return axes for each function: those given, or a grid in place of one."""
        import matplotlib.pyplot as plt
        from matplotlib.axes import Axes

        n_axes = len(self.functions)
        check_count(n_cols, "n_cols")
        n_cols = min(n_cols, n_axes)
        n_rows = -(-n_axes // n_cols)
        self.bounding_ax_ = None
        if ax is not None and not isinstance(ax, Axes):
            self.axes_ = np.asarray(ax, dtype=object)
            if self.axes_.size != n_axes:
                raise ValueError(
                    f"ax holds {self.axes_.size} axes, and {n_axes} functions are "
                    "drawn: give as many axes, or one in whose place a grid comes"
                )
            axes = self.axes_.ravel().tolist()
            self.figure_ = axes[0].figure
            return axes
        if ax is None:
            size = (_WIDTH * n_cols + 0.4, _HEIGHT * n_rows + 0.4)
            ax = plt.subplots(figsize=size, layout="constrained")[1]
        place = ax.get_subplotspec()
        if place is None:
            raise ValueError(
                "ax was placed by hand, so no grid can take its place: give axes of "
                "plt.subplots, or an array of axes, one for each function"
            )
        self.bounding_ax_, self.figure_ = ax, ax.figure
        ax.set_axis_off()
        grid = place.subgridspec(n_rows, n_cols)
        axes = [self.figure_.add_subplot(grid[n]) for n in range(n_axes)]
        self.axes_ = np.full(n_rows * n_cols, None, dtype=object)
        self.axes_[:n_axes] = axes
        self.axes_ = self.axes_.reshape(n_rows, n_cols)
        return axes

    def _label_axes(self, axes, is_own_figure):
        """Name the contributions, the lines, and how many columns are drawn."""
        label = "contribution to the\n"
        if self.is_log_odds:
            label += f"log-odds of {short_text(str(self.labels[0]), 18)}"
        else:
            words = {"class": "centred logit", "label": "log-odds"}
            label += words.get(self.line_title, "number")
        in_grid = self.bounding_ax_ is not None
        for number, ax in enumerate(axes):
            if in_grid and number % self.axes_.shape[1]:
                ax.tick_params(labelleft=False)
            else:
                ax.set_ylabel(label, fontsize="small")
        if is_own_figure and 1 < len(axes) < self.n_columns:
            self.figure_.suptitle(
                f"{len(axes)} of {self.n_columns} columns", fontsize="medium"
            )
        if len(self.labels) > 1:
            self._add_legend(axes, is_own_figure)

    def _add_legend(self, axes, is_own_figure):
        """Name the classes, below the grid of a figure that the display made."""
        if not is_own_figure:
            add_legend(axes[0])
            return
        handles, texts = axes[0].get_legend_handles_labels()
        self.figure_.legend(
            handles,
            texts,
            loc="outside lower center",
            ncols=min(len(texts), 2 * self.axes_.shape[1]),
            title=self.line_title,
            frameon=False,
            fontsize="small",
            title_fontsize="small",
        )


def _are_log_odds(output, labels):
    """Tell whether the functions add up to the log-odds of one class or one label."""
    if output.kind == "label_sets":
        return len(labels) == 1
    return output.kind == "classes" and output.is_one_unit


def _line_title(output):
    """Return the kind of the lines of a student."""
    if output.kind == "numbers":
        return "target" if output.quantiles is None else "quantile"
    return "label" if output.kind == "label_sets" else "class"


def _check_percentiles(percentiles):
    """Raise unless percentiles are two shares, the first less than the second."""
    try:
        low, high = (float(share) for share in percentiles)
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0 <= low < high <= 1:
        raise ValueError(
            f"percentiles={percentiles!r:.100} is not a pair of numbers between 0 and "
            "1, the first less than the second"
        )
