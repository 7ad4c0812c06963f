"""Figures of classifiers on the same rows, for any weights of the rows."""

import numpy as np

from skdistill.kernels.ranking import ranked_areas
from skdistill.metrics import (
    mean_gap_of_bins,
    row_brier_scores,
    row_kl_divergences,
    row_log_losses,
    row_total_variations,
)
from skdistill.report.figures import FigureKey, Segments, mean, ratio

_N_BINS = 15


class Ranking:
    """Area under the ROC curve of a score, for any weights.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
        Score of each row.
    positive : ndarray of shape (n_samples,), bool
        Whether each row is of the positive class.
    counted : ndarray of shape (n_samples,), bool, default=True
        Whether each row is counted at all.
    """

    def __init__(self, scores, positive, counted=True):
        self._rows = [
            rows[np.argsort(scores[rows])]
            for rows in (
                np.flatnonzero(~positive & counted),
                np.flatnonzero(positive & counted),
            )
        ]
        negative, positive = (scores[rows] for rows in self._rows)
        self._below = np.searchsorted(negative, positive, side="left")
        self._up_to = np.searchsorted(negative, positive, side="right")

    def areas(self, weights):
        """Return the area for each draw.

        Parameters
        ----------
        weights : ndarray of shape (n_samples, n_draws)
            Weights of the rows in each draw, in C order.

        Returns
        -------
        areas : ndarray of shape (n_draws,)
            Areas of the draws. NaN if no positive or no negative row has a weight.
        """
        areas = np.empty(weights.shape[1])
        ranked_areas(weights, *self._rows, self._below, self._up_to, areas)
        return areas


class ClassMeasures:
    """All figures of some classifiers on the same rows.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes, -1 for a label that is no class. Such a row
        counts as wrong in the accuracy. Other measures of labels leave it out.
    probabilities : dict of str to ndarray of shape (n_samples, n_classes)
        Probabilities of each model. The others are compared with the "teacher".
    groups : ndarray of shape (n_samples,), int, or None
        Number of each row's group, from 0.
    decided : dict of str to ndarray of shape (n_samples,), int, or None, default=None
        Columns of the classes that each model decides for. None for the most probable
        ones. Calibration is a property of probabilities, and does not use them.
    """

    def __init__(self, labels, probabilities, groups=None, decided=None):
        if decided is None:
            decided = {name: p.argmax(axis=1) for name, p in probabilities.items()}
        teacher = probabilities["teacher"]
        self._n_classes = n_classes = teacher.shape[1]
        self._known = labels >= 0
        # Rows of no class are a last segment, which is not used.
        self._classes = Segments(
            np.where(self._known, labels, n_classes), n_classes + 1
        )
        self._groups = None if groups is None else Segments(groups, groups.max() + 1)
        self._right, self._losses, self._keys, columns = {}, {}, [], []
        self._gaps, self._rankings = {}, {}
        for model, proba in probabilities.items():
            self._right[model] = (decided[model] == labels).astype(np.float64)
            # The last column, for labels of -1, is left out with `_known`.
            self._losses[model] = row_log_losses(labels, proba) * self._known
            means = {
                "accuracy": self._right[model],
                "log_loss": self._losses[model],
                "brier": row_brier_scores(labels, proba) * self._known,
            }
            if model != "teacher":
                means |= {
                    "agreement": decided[model] == decided["teacher"],
                    "kl_divergence": row_kl_divergences(teacher, proba),
                    "total_variation": row_total_variations(teacher, proba),
                }
            self._keys += [FigureKey(measure, model) for measure in means]
            columns += means.values()
            self._gaps[model] = _calibration_gaps(labels, proba, self._known)
            self._rankings[model] = {
                column: Ranking(proba[:, column], labels == column, self._known)
                for column in _ranked_columns(n_classes)
            }
        self._columns = np.column_stack(columns).astype(np.float64)
        self._needs_label = np.isin(
            [key.measure for key in self._keys], ["log_loss", "brier"]
        )

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
        figures = dict(zip(self._keys, self._means(weights).T, strict=True))
        in_class = self._class_sums(weights)
        by_row = np.ascontiguousarray(weights.T)
        for model, right in self._right.items():
            recalls = ratio(self._class_sums(weights * right), in_class)
            figures[FigureKey("balanced_accuracy", model)] = mean(recalls)
            order, gaps = self._gaps[model]
            # A draw without a row of a known class is 0 / 0, which is not known.
            with np.errstate(invalid="ignore"):
                figures[FigureKey("calibration_error", model)] = mean_gap_of_bins(
                    gaps, np.take(weights, order, axis=1), min(_N_BINS, len(order))
                )
            areas = {
                column: ranking.areas(by_row)
                for column, ranking in self._rankings[model].items()
            }
            figures[FigureKey("roc_auc", model)] = mean(
                np.column_stack(list(areas.values()))
            )
            for column, recall in enumerate(recalls.T):
                figures[FigureKey("recall", model, column=column)] = recall
                # A class that is not ranked has the area of the second class.
                area = areas.get(column, areas.get(1))
                figures[FigureKey("roc_auc", model, column=column)] = area
        if self._groups is not None:
            figures |= self._group_figures(weights)
        return figures

    def _means(self, weights):
        """Return the means over the rows, or over those of a known class."""
        totals = weights.sum(axis=1, keepdims=True)
        if self._known.all():
            return weights @ self._columns / totals
        of_known = (weights @ self._known)[:, np.newaxis]
        totals = np.where(self._needs_label, of_known, totals)
        return ratio(weights @ self._columns, totals)

    def _class_sums(self, values):
        """Return the sum over each class."""
        return self._classes.sums(values)[:, : self._n_classes]

    def _group_figures(self, weights):
        """Return accuracy and log-loss of each group, and of all rows outside it."""
        figures = {}
        for measure, values_by_model, counted in (
            ("accuracy", self._right, weights),
            ("log_loss", self._losses, weights * self._known),
        ):
            in_group = self._groups.sums(counted)
            outside = counted.sum(axis=1, keepdims=True) - in_group
            for model, values in values_by_model.items():
                sums = self._groups.sums(weights * values)
                sums_outside = sums.sum(axis=1, keepdims=True) - sums
                means = {
                    measure: ratio(sums, in_group),
                    f"{measure}_of_others": ratio(sums_outside, outside),
                }
                for name, of_groups in means.items():
                    for group, figure in enumerate(of_groups.T):
                        figures[FigureKey(name, model, group=group)] = figure
        return figures


def _calibration_gaps(labels, proba, known):
    """Return the rows of known classes by confidence, and the gap of each."""
    confidence, right = proba.max(axis=1), proba.argmax(axis=1) == labels
    order = np.argsort(confidence, kind="stable")
    order = order[known[order]]
    return order, (confidence - right)[order]


def _ranked_columns(n_classes):
    """Return the columns that the rows are ranked by.

    Of two classes the second alone is ranked, as in scikit-learn. The first turns
    this ranking round, and so has the same area under the ROC curve.
    """
    columns = list(range(n_classes))
    return columns[1:] if columns == [0, 1] else columns
