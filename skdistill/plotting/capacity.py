"""Capacity: the loss of the decays that were tried, with knots and without."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from skdistill.estimators.find import find_distilled
from skdistill.plotting.axes import (
    CONTROL_STYLE,
    REFERENCE_STYLE,
    STUDENT_STYLE,
    add_legend,
    check_axes,
    check_matplotlib,
    line_style,
)

# Factors of the decay at which the bars of the two lines stand, beside each other.
_BESIDE = {True: 0.98, False: 1.02}


class CapacityDisplay:
    """Picture of how `fit` chose the decay of the weights, and knots or none.

    Each point is the mean loss of short trainings on rows that they held out, for one
    decay. There is a line for students whose numbers are coded among knots, and a line
    for students without knots. The lower line wins. From 2,000 labelled rows on, no
    knots win only if their loss is below 0.95 of the other. A circle marks the decay
    that was chosen for a short training: the lowest point of the parabola through the
    best decay that was tried and its neighbours. If the best is the least or the
    greatest that was tried, the title of the legend says so: a better decay may lie
    beyond.

    Bars are one standard error to each side. All points are measured on the same rows,
    so the difference of two points is surer than their bars suggest. If the best points
    of the two lines differ by less than a standard error, the title says so.

    The last training sees more rows than a short one, and so needs less decay. Its soft
    targets and synthetic rows may ask for still less. A dotted line marks its decay,
    and the label of the axis says which decay of a short training is as strong.

    With a number as `weight_decay`, the display shows the choice of knots or none.

    Make a display by `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    candidates : sequence of Candidate
        Decays that were tried. Each has `has_knots`, `weight_decay`, `score` and
        `standard_error`, as those of `capacity_` of a fitted estimator.
    weight_decay : float
        Decay that was chosen for a short training.
    has_knots : bool
        Whether knots were chosen.
    final_decay : float, default=None
        Decay of the last training.
    limit : float, default=inf
        Greatest decay of a short training that suits soft targets and synthetic rows.

    Attributes
    ----------
    lowest_point : tuple of float
        Chosen decay, and the height of the parabola there.
    ax_ : matplotlib Axes
        Axes of the picture.
    figure_ : matplotlib Figure
        Figure of the picture.
    knots_line_, plain_line_ : matplotlib Line2D or None
        Losses with and without knots. None if none were tried.
    bars_ : list of matplotlib LineCollection
        Standard errors of each line.
    parabola_line_ : matplotlib Line2D or None
        Parabola. None if the best decay is at an end of those that were tried.
    chosen_point_ : matplotlib Line2D
        Circle at the chosen decay.
    final_line_ : matplotlib Line2D or None
        Line at the decay of the last training.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from skdistill import CapacityDisplay, DistilledClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> model = DistilledClassifier(random_state=0, hidden_layer_sizes=()).fit(X, y)
    >>> display = CapacityDisplay.from_estimator(model)
    >>> display.weight_decay == model.capacity_.weight_decay
    True
    """

    def __init__(
        self,
        candidates: Sequence[Any],
        *,
        weight_decay: float,
        has_knots: bool,
        final_decay: float | None = None,
        limit: float = np.inf,
    ) -> None:
        if not len(candidates):
            raise ValueError("candidates is empty: no decay was tried")
        self.candidates = sorted(candidates, key=lambda tried: tried.weight_decay)
        self.weight_decay = weight_decay
        self.has_knots = has_knots
        self.final_decay = final_decay
        self.limit = limit

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None, **kwargs: Any) -> Self:
        """Draw what a fitted estimator tried and chose.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Estimator whose `fit` chose the decay, or knots or none.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Keyword arguments of both lines.

        Returns
        -------
        display : CapacityDisplay

        Raises
        ------
        ValueError
            If `fit` chose neither: `weight_decay` and the encoder were given, or there
            was no y, or it held fewer than 50 labels.
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        model, _ = find_distilled(estimator)
        capacity = model.capacity_
        is_given = model.weight_decay != "auto"
        if is_given and (capacity is None or len(capacity.candidates) < 2):
            raise ValueError(
                f"fit chose no decay, because weight_decay={model.weight_decay!r} was "
                "given, and it tried no students without knots: fit with "
                'weight_decay="auto"'
            )
        if capacity is None:
            raise ValueError(
                "fit tried no decays, because it got too few labels, and too few rows "
                "without labels, for short trainings. It took "
                f"weight_decay_={model.weight_decay_:.3g}. Give at least 50 rows"
            )
        display = cls(
            capacity.candidates,
            weight_decay=capacity.weight_decay,
            has_knots=capacity.has_knots,
            final_decay=model.weight_decay_,
            limit=capacity.limit,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: Any = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Keyword arguments of both lines.

        Returns
        -------
        display : CapacityDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        ax.set_xscale("log")
        self.bars_: list[Any] = []
        self.knots_line_ = self._draw_line(
            True, STUDENT_STYLE | {"label": "with knots"}, kwargs
        )
        self.plain_line_ = self._draw_line(
            False, CONTROL_STYLE | {"label": "without knots"}, kwargs
        )
        self._draw_chosen()
        self._mark_decays()
        ax.set_ylabel("loss on rows held out")
        ax.set_xlabel(self._decay_label(), fontsize="small")
        add_legend(ax, "above")
        legend, hints = ax.get_legend(), self._hints()
        legend.set_title("\n".join(hints), prop={"size": "small"})
        legend.set_alignment("left")
        return self

    @property
    def lowest_point(self) -> tuple[float, float]:
        """Chosen decay, and the height of the parabola there."""
        decays, losses = self._parabola()
        height = np.interp(np.log(self.weight_decay), np.log(decays), losses)
        return self.weight_decay, float(height)

    def _draw_line(self, has_knots, style, given):
        """Draw the losses with or without knots, if any were tried."""
        decays, losses, errors = self._tried(has_knots)
        if not decays.size:
            return None
        (line,) = self.ax_.plot(decays, losses, **line_style(style, given))
        bars = self.ax_.vlines(
            decays * _BESIDE[has_knots],
            losses - errors,
            losses + errors,
            color=line.get_color(),
            linewidth=0.8,
        )
        self.bars_.append(bars)
        return line

    def _draw_chosen(self):
        """Mark the chosen decay, and that of the last training."""
        decays, losses = self._parabola()
        self.parabola_line_ = None
        if decays.size > 1:
            (self.parabola_line_,) = self.ax_.plot(
                decays, losses, color="black", linewidth=0.7
            )
        (self.chosen_point_,) = self.ax_.plot(
            *self.lowest_point,
            marker="o",
            markersize=10,
            markerfacecolor="none",
            color="black",
            linestyle="none",
            label=f"chosen, {self.weight_decay:.2g}",
        )
        self.final_line_ = None
        if self.final_decay:
            style = REFERENCE_STYLE | {"linestyle": ":"}
            self.final_line_ = self.ax_.axvline(
                self.final_decay,
                **style,
                label=f"last training, {self.final_decay:.2g}",
            )

    def _hints(self):
        """Return lines that say where the choice is not sure."""
        hints = []
        decays, losses, _ = self._tried(self.has_knots)
        if decays.size > 1 and losses.argmin() == 0:
            hints.append("best at the least decay: less may be better")
        if decays.size > 1 and losses.argmin() == decays.size - 1:
            hints.append("best at the greatest decay: more may be better")
        if self._is_close():
            hints.append("knots or none: less than a standard error apart")
        return hints

    def _is_close(self):
        """Tell whether the best losses with and without knots hardly differ."""
        tried = [self._tried(has_knots) for has_knots in (True, False)]
        if not all(decays.size for decays, _, _ in tried):
            return False
        best = [(losses.min(), errors[losses.argmin()]) for _, losses, errors in tried]
        (knots, error), (none, other_error) = best
        return abs(knots - none) < max(error, other_error)

    def _decay_label(self):
        """Return the label of the decays, and which of them the last one is like."""
        strength = min(self.weight_decay, self.limit)
        short, last = f"{strength:.2g}", f"{self.final_decay or 0.0:.2g}"
        label = "weight decay of a short training"
        if not self.final_decay or last == short:
            return label
        more = ", on more rows" if self.final_decay < strength else ""
        return f"{label}\n{short} is as strong as {last} in the last{more}"

    def _mark_decays(self):
        """Set a tick at each decay that was tried."""
        from matplotlib.ticker import FixedLocator, NullLocator

        decays = np.unique([tried.weight_decay for tried in self.candidates])
        self.ax_.xaxis.set_major_locator(FixedLocator(decays))
        self.ax_.xaxis.set_minor_locator(NullLocator())
        self.ax_.xaxis.set_major_formatter("{x:g}")

    def _tried(self, has_knots):
        """Return decays, losses and standard errors with or without knots."""
        rows = [
            (tried.weight_decay, tried.score, tried.standard_error)
            for tried in self.candidates
            if tried.has_knots == has_knots
        ]
        return np.array(rows, dtype=np.float64).reshape(-1, 3).T

    def _parabola(self):
        """Return points of the parabola through the best decay and its neighbours.

        If the best is the first or the last one that was tried, it is the only point.
        """
        decays, losses, _ = self._tried(self.has_knots)
        best = int(losses.argmin())
        if not 0 < best < losses.size - 1:
            return decays[[best]], losses[[best]]
        around = slice(best - 1, best + 2)
        logs = np.log(decays[around])
        fitted = np.polynomial.Polynomial.fit(logs, losses[around], 2)
        at = np.linspace(logs[0], logs[-1], 101)
        return np.exp(at), fitted(at)
