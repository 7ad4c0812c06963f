"""Figures of models of quantiles on the same rows, for any weights of the rows."""

import numpy as np

from skdistill.report.figures import TEACHER, FigureKey, mean
from skdistill.report.number_measures import (
    GroupMeans,
    RowMeans,
    add_fidelity,
    deviations,
    explained,
    fidelity,
    logarithm,
)


class QuantileMeasures:
    """All figures of some models of quantiles on the same rows.

    Parameters
    ----------
    truth : ndarray of shape (n_samples, 1)
        True numbers.
    answers : dict of str to ndarray of shape (n_samples, n_quantiles)
        Quantiles of each model. The others are compared with the "teacher".
    groups : ndarray of shape (n_samples,), int, or None
        Number of each row's group, from 0.
    weights : ndarray of shape (n_samples,)
        Weights of the rows, which set the deviation of y.
    quantiles : tuple of float
        Levels of the quantiles, in rising order.
    """

    def __init__(self, truth, answers, groups, weights, quantiles):
        levels = np.array(quantiles)
        self._scale, teacher = deviations(truth, weights), answers[TEACHER]
        self._constants = ConstantQuantiles(truth[:, 0] / self._scale, levels)
        self._models, self._means = list(answers), RowMeans()
        self._groups = GroupMeans(groups)
        middle = np.average(teacher, axis=0, weights=weights)
        self._means.add_moments("answers", (teacher - middle) / self._scale)
        for model, numbers in answers.items():
            above = truth - numbers
            losses = np.maximum(levels * above, (levels - 1.0) * above)
            below = truth <= numbers
            covered = below[:, -1]
            if len(levels) > 1:
                covered = covered & (truth >= numbers)[:, 0]
            self._means.add(("loss", model), losses)
            self._means.add(("below", model), below)
            self._means.add(("covered", model), covered[:, np.newaxis])
            self._groups.add("pinball_loss", model, losses.mean(axis=1))
            self._groups.add_log("log_pinball_loss", model, losses.mean(axis=1))
            self._groups.add("coverage", model, covered)
            if model != TEACHER:
                add_fidelity(self._means, model, (numbers - teacher) / self._scale)

    def __call__(self, weights):
        """Return all figures.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)
            Weights of the rows in each draw.

        Returns
        -------
        figures : dict of FigureKey to ndarray of shape (n_draws,)
            Figures of the draws. NaN if the weights leave nothing to measure.
        """
        means, constants = self._means.of(weights), self._constants.losses(weights)
        figures = self._groups.figures(weights)
        for model in self._models:
            losses = means["loss", model]
            of_levels = {
                "d2_pinball": explained(losses / self._scale, constants),
                "pinball_loss": losses,
                "share_below": means["below", model],
            }
            figures |= {
                FigureKey(name, model, column=column): value
                for name, values in of_levels.items()
                for column, value in enumerate(values.T)
            }
            figures[FigureKey("d2_pinball", model)] = mean(of_levels["d2_pinball"])
            figures[FigureKey("pinball_loss", model)] = losses.mean(axis=1)
            figures[FigureKey("log_pinball_loss", model)] = logarithm(
                losses.mean(axis=1)
            )
            figures[FigureKey("coverage", model)] = means["covered", model][:, 0]
            if model != TEACHER:
                figures |= fidelity(means, model)
        return figures


class ConstantQuantiles:
    """Pinball losses of the best constant answers.

    Parameters
    ----------
    numbers : ndarray of shape (n_samples,)
        True numbers.
    levels : ndarray of shape (n_quantiles,)
        Levels of the quantiles.
    """

    def __init__(self, numbers, levels):
        self._order = np.argsort(numbers, kind="stable")
        self._sorted = numbers[self._order] - np.median(numbers)
        self._levels = levels

    def losses(self, weights):
        """Return the loss of the constant with the least loss, for each level.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)

        Returns
        -------
        losses : ndarray of shape (n_draws, n_quantiles)
        """
        weights = np.take(weights, self._order, axis=1)
        reached = np.cumsum(weights, axis=1)
        summed = np.cumsum(weights * self._sorted, axis=1)
        draws, losses = np.arange(len(weights)), []
        for level in self._levels:
            at = np.argmax(reached >= level * reached[:, -1:], axis=1)
            constant, up_to, sum_up_to = (
                self._sorted[at],
                reached[draws, at],
                summed[draws, at],
            )
            above = summed[:, -1] - sum_up_to - constant * (reached[:, -1] - up_to)
            below = constant * up_to - sum_up_to
            losses.append((level * above + (1.0 - level) * below) / reached[:, -1])
        return np.column_stack(losses)
