"""Loss curve: whether a student has learned what it can."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from skdistill.estimators.find import find_last_step
from skdistill.plotting.axes import (
    CONTROL,
    LINE,
    REFERENCE,
    STUDENT,
    add_legend,
    axes_below,
    check_axes,
    check_matplotlib,
    line_style,
    spread_out,
)


class LossCurveDisplay:
    """Loss of each epoch, of training rows and of those held out.

    Where early stopping watched the loss, both are lines of one picture, with the two
    terms of the loss of the rows held out, by the teacher's answers and by the labels.
    Scores that are no losses with a minus sign, such as agreement or accuracy, have a
    picture of their own below. A vertical line marks the epoch with the greatest
    score, whose weights were kept.

    Make one by `from_estimator`; all parameters are stored as attributes.

    Parameters
    ----------
    loss_curve : sequence of float
        Mean loss in each epoch.
    validation_scores : sequence of float, default=None
        What early stopping watched after each epoch, the greater the better;
        where none is above 0, they are losses with a minus sign.
    validation_hard_losses : sequence of float, default=None
        The part of these losses that is the labels', after each epoch.
    name : str, default="student"
        What the legend calls the loss.
    score_name : str, default="validation score"
        What those scores are called that are no losses.

    Attributes
    ----------
    best_epoch : int or None
        The epoch, from 1, with the greatest validation score.
    ax_ : matplotlib Axes
    score_ax_ : matplotlib Axes or None
        Of scores that are no losses, below.
    figure_ : matplotlib Figure
    line_ : matplotlib Line2D
    validation_line_, best_line_ : matplotlib Line2D or None
    soft_line_, hard_line_ : matplotlib Line2D or None
        The two terms of the loss of the rows held out.

    Raises
    ------
    ValueError
        Where there is no epoch, or a number of scores that is not that of epochs.

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
                f"loss_curve has shape {np.shape(loss_curve)}, not (n_epochs,) with an "
                "epoch at least"
            )
        self.loss_curve = np.asarray(loss_curve, dtype=np.float64)
        self.validation_scores = None
        self.best_epoch = None
        if validation_scores is not None:
            self.validation_scores = np.asarray(validation_scores, dtype=np.float64)
            if self.validation_scores.shape != self.loss_curve.shape:
                raise ValueError(
                    f"validation_scores has shape {self.validation_scores.shape}, and "
                    f"loss_curve {self.loss_curve.shape}: a score an epoch is needed"
                )
            self.best_epoch = int(self.validation_scores.argmax()) + 1
        self.validation_hard_losses = None
        if validation_hard_losses is not None:
            hard = np.asarray(validation_hard_losses, dtype=np.float64)
            if validation_scores is None or hard.shape != self.loss_curve.shape:
                raise ValueError(
                    f"validation_hard_losses has shape {hard.shape}: one is needed "
                    "for each of the validation_scores"
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
            Fitted. Any estimator with `loss_curve_` will do.
        name : str, default="student"
            What the legend calls the loss.
        score_name : str, default="validation score"
            What those scores are called that are no losses.
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        **kwargs : dict
            Keyword arguments of the line of the training loss.

        Returns
        -------
        display : LossCurveDisplay

        Raises
        ------
        ValueError
            Where the estimator keeps no loss curve.
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
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
            # An interrupt may have come between the two of the last epoch.
            losses, scores = losses[: len(scores) or None], scores or None
        hard = getattr(model, "validation_hard_losses_", None) or None
        display = cls(
            losses,
            scores,
            validation_hard_losses=hard,
            name=name,
            score_name=score_name,
        )
        return display.plot(ax=ax, **kwargs)

    def plot(self, ax: Any = None, *, name: str | None = None, **kwargs: Any) -> Self:
        """Draw.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw; None, in a new figure.
        name : str, default=None
            What the legend calls the loss; None, as before.
        **kwargs : dict
            Keyword arguments of the line of the training loss.

        Returns
        -------
        display : LossCurveDisplay
            Itself.

        Raises
        ------
        ImportError
            Where matplotlib is not installed: ``pip install skdistill[plot]``.
        """
        self.ax_ = ax = check_axes(self, ax)
        self.figure_ = ax.figure
        epochs = np.arange(1, len(self.loss_curve) + 1)
        label = f"{name or self.name}, training rows"
        style = line_style(STUDENT | {"marker": "", "label": label}, kwargs)
        (self.line_,) = ax.plot(epochs, self.loss_curve, **style)
        ax.set_ylabel("loss")
        self.score_ax_ = self.validation_line_ = self.best_line_ = None
        self.soft_line_ = self.hard_line_ = None
        drawn = [self.loss_curve]
        if self.validation_scores is not None:
            drawn += self._draw_validation(epochs)
        spread_out(ax, "y", np.concatenate(drawn))
        (self.score_ax_ or ax).set_xlabel("epoch")
        # Five lines leave no room between them.
        add_legend(ax, "best" if self.hard_line_ is None else "above")
        return self

    def _draw_validation(self, epochs):
        """Draw what early stopping watched; return the losses among it."""
        scores, ax = self.validation_scores, self.ax_
        are_losses = scores.max() <= 0 and scores.min() < 0
        if not are_losses:
            self.score_ax_ = ax = axes_below(ax, 0.4)
            ax.set_ylabel(self.score_name)
        # Of many epochs a few have a marker.
        style = CONTROL | LINE | {"markevery": max(1, len(epochs) // 12)}
        values = -scores if are_losses else scores
        (self.validation_line_,) = ax.plot(
            epochs, values, **style | {"label": "rows held out"}
        )
        style = REFERENCE | {"linestyle": "-."}
        for drawn in {self.ax_, ax}:
            self.best_line_ = drawn.axvline(
                self.best_epoch, **style, label=f"kept, epoch {self.best_epoch}"
            )
        if not are_losses:
            return []
        return [values, *self._draw_terms(epochs, values)]

    def _draw_terms(self, epochs, losses):
        """Draw the terms of the losses of rows held out, and return them."""
        hard = self.validation_hard_losses
        if hard is None or hard.max() <= 0 or np.allclose(hard, losses):
            return []
        terms = (losses - hard, hard)
        style = {"color": CONTROL["color"], "linewidth": 0.9}
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
