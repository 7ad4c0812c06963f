"""Loss curve: how a student learns from epoch to epoch."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdistill.estimators.find import find_last_step
from skdistill.plotting.axes import (
    CONTROL_STYLE,
    LINE_SIZES,
    REFERENCE_STYLE,
    STUDENT_STYLE,
    add_legend,
    axes_below,
    check_axes,
    check_matplotlib,
    line_style,
    make_logarithmic_if_wide,
)


class LossCurveDisplay:
    """Picture of the loss after each epoch, on training rows and held-out rows.

    If early stopping watched the loss, both losses are lines of one picture. Two more
    lines show the terms of the held-out loss: one by the teacher's answers, one by the
    labels. If early stopping watched another score, such as agreement or accuracy, the
    score has a picture of its own below. A vertical line marks the epoch with the
    greatest score. The weights of this epoch were kept.

    Make a display by `from_estimator`. All parameters are stored as attributes.

    Parameters
    ----------
    loss_curve : sequence of float
        Mean loss on training rows in each epoch.
    validation_scores : sequence of float, default=None
        Score on held-out rows after each epoch, as early stopping watched it. A
        greater score is better. If no score is above 0, they are losses with a minus
        sign.
    validation_hard_losses : sequence of float, default=None
        Term of the held-out loss by the labels, after each epoch.
    name : str, default="student"
        Name of the loss in the legend.
    score_name : str, default="validation score"
        Label of the axis of scores that are not losses.

    Attributes
    ----------
    best_epoch : int or None
        Number of the epoch, from 1, with the greatest validation score. Of a
        `DistilledClassifier`, it is the epoch whose weights the student has.
    ax_ : matplotlib Axes
        Axes of the losses.
    score_ax_ : matplotlib Axes or None
        Axes of scores that are not losses, below.
    figure_ : matplotlib Figure
        Figure of the picture.
    line_ : matplotlib Line2D
        Loss on training rows.
    validation_line_ : matplotlib Line2D or None
        Loss or score on held-out rows.
    best_line_ : matplotlib Line2D or None
        Vertical line at the best epoch.
    soft_line_, hard_line_ : matplotlib Line2D or None
        Terms of the held-out loss, by the teacher's answers and by the labels.

    Raises
    ------
    ValueError
        If there is no epoch, or not one score for each epoch.

    Examples
    --------
    >>> from skdistill import LossCurveDisplay
    >>> display = LossCurveDisplay([0.9, 0.5, 0.3], [-0.8, -0.6, -0.7])
    >>> display.best_epoch
    2
    >>> display.plot().validation_line_.get_ydata()
    array([0.8, 0.6, 0.7])
    """

    def __init__(
        self,
        loss_curve: Sequence[float],
        validation_scores: Sequence[float] | None = None,
        *,
        validation_hard_losses: Sequence[float] | None = None,
        name: str = "student",
        score_name: str = "validation score",
    ) -> None:
        if np.ndim(loss_curve) != 1 or not len(loss_curve):
            raise ValueError(
                f"loss_curve has shape {np.shape(loss_curve)}, not (n_epochs,) with at "
                "least one epoch"
            )
        self.loss_curve = np.asarray(loss_curve, dtype=np.float64)
        self.validation_scores = None
        self.best_epoch = None
        if validation_scores is not None:
            self.validation_scores = np.asarray(validation_scores, dtype=np.float64)
            if self.validation_scores.shape != self.loss_curve.shape:
                raise ValueError(
                    f"validation_scores has shape {self.validation_scores.shape}, and "
                    f"loss_curve {self.loss_curve.shape}: each epoch needs a score"
                )
            self.best_epoch = int(self.validation_scores.argmax()) + 1
        self.validation_hard_losses = None
        if validation_hard_losses is not None:
            hard = np.asarray(validation_hard_losses, dtype=np.float64)
            if validation_scores is None or hard.shape != self.loss_curve.shape:
                raise ValueError(
                    f"validation_hard_losses has shape {hard.shape}: each of the "
                    "validation_scores needs one"
                )
            self.validation_hard_losses = hard
        self.name = name
        self.score_name = score_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        name: str = "student",
        score_name: str = "validation score",
        ax: Any = None,
        **kwargs: Any,
    ) -> Self:
        """Draw the loss of a fitted estimator.

        Parameters
        ----------
        estimator : DistilledClassifier, or pipeline that ends in one, or search
            Fitted estimator. Any estimator with `loss_curve_` can be drawn.
        name : str, default="student"
            Name of the loss in the legend.
        score_name : str, default="validation score"
            Label of the axis of scores that are not losses.
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        **kwargs : dict
            Keyword arguments of the line of the training loss.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            If the estimator has no loss curve.
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        check_matplotlib(f"{cls.__name__}.from_estimator")
        model, _ = find_last_step(estimator)
        check_is_fitted(model)
        if not hasattr(model, "loss_curve_"):
            raise ValueError(
                f"estimator is a {type(model).__name__}, which has no loss_curve_"
            )
        losses, scores = model.loss_curve_, getattr(model, "validation_scores_", None)
        if scores is not None:
            # An interrupt may have come after the last loss and before its score.
            losses, scores = losses[: len(scores) or None], scores or None
        hard = getattr(model, "validation_hard_losses_", None) or None
        display = cls(
            losses,
            scores,
            validation_hard_losses=hard,
            name=name,
            score_name=score_name,
        )
        kept = getattr(model, "best_iter_", None)
        if scores is not None and kept is not None:
            display.best_epoch = kept
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: Any = None, *, name: str | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes to draw on. None for axes in a new figure.
        name : str, default=None
            Name of the loss in the legend. None for the name of the display.
        **kwargs : dict
            Keyword arguments of the line of the training loss.

        Returns
        -------
        display : LossCurveDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        epochs = np.arange(1, len(self.loss_curve) + 1)
        label = f"{name or self.name}, training rows"
        style = line_style(STUDENT_STYLE | {"marker": "", "label": label}, kwargs)
        (self.line_,) = ax.plot(epochs, self.loss_curve, **style)
        ax.set_ylabel("loss")
        self.score_ax_ = self.validation_line_ = self.best_line_ = None
        self.soft_line_ = self.hard_line_ = None
        drawn = [self.loss_curve]
        if self.validation_scores is not None:
            drawn += self._draw_validation(epochs)
        make_logarithmic_if_wide(ax, "y", np.concatenate(drawn))
        (self.score_ax_ or ax).set_xlabel("epoch")
        # With five lines, there is no room for a legend between them.
        add_legend(ax, "best" if self.hard_line_ is None else "above")
        return self

    def _draw_validation(self, epochs):
        """Draw the held-out scores; return them and their terms if they are losses."""
        scores, ax = self.validation_scores, self.ax_
        are_losses = scores.max() <= 0 and scores.min() < 0
        if not are_losses:
            self.score_ax_ = ax = axes_below(ax, 0.4)
            ax.set_ylabel(self.score_name)
        # If there are many epochs, only a few have a marker.
        style = CONTROL_STYLE | LINE_SIZES | {"markevery": max(1, len(epochs) // 12)}
        values = -scores if are_losses else scores
        (self.validation_line_,) = ax.plot(
            epochs, values, **style | {"label": "rows held out"}
        )
        style = REFERENCE_STYLE | {"linestyle": "-."}
        for drawn in {self.ax_, ax}:
            self.best_line_ = drawn.axvline(
                self.best_epoch, **style, label=f"kept, epoch {self.best_epoch}"
            )
        if not are_losses:
            return []
        return [values, *self._draw_terms(epochs, values)]

    def _draw_terms(self, epochs, losses):
        """Draw the terms of the held-out losses, and return them."""
        hard = self.validation_hard_losses
        if hard is None or hard.max() <= 0 or np.allclose(hard, losses):
            return []
        terms = (losses - hard, hard)
        style = {"color": CONTROL_STYLE["color"], "linewidth": 0.9}
        self.soft_line_, self.hard_line_ = (
            self.ax_.plot(epochs, term, **style, **own)[0]
            for term, own in zip(
                terms,
                (
                    {"label": "teacher's term", "linestyle": "--"},
                    {"label": "labels' term", "linestyle": "-"},
                ),
                strict=True,
            )
        )
        return terms
