"""What is measured of models, for any weights of the rows."""

from typing import NamedTuple

import numpy as np

from skdistill import rowwise
from skdistill.kernels.ranking import ranked_areas

_N_BINS = 15


class Key(NamedTuple):
    """Which figure.

    Attributes
    ----------
    measure : str
    model : str
    class_ : int or None
        The column of the class of whose rows it is; None for all.
    group : int or None
        The number of the group of whose rows it is; None for all.
    """

    measure: str
    model: str
    class_: int | None = None
    group: int | None = None


class Segments:
    """Rows by a number that each has, to sum over those that share it.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,), int
    n_segments : int
        Each has a row at least, or sums of 0.
    """

    def __init__(self, codes, n_segments):
        self.n_segments = n_segments
        self._order = np.argsort(codes, kind="stable")
        self._present, self._starts = np.unique(codes[self._order], return_index=True)

    def sums(self, values):
        """Return the sums of each segment.

        Parameters
        ----------
        values : ndarray of shape (n_draws, n_samples)

        Returns
        -------
        sums : ndarray of shape (n_draws, n_segments)
        """
        sums = np.zeros((len(values), self.n_segments))
        ordered = np.take(values, self._order, axis=1)
        sums[:, self._present] = np.add.reduceat(ordered, self._starts, axis=1)
        return sums


class Ranking:
    """The area under the ROC curve of a score, for any weights.

    Parameters
    ----------
    scores : ndarray of shape (n_samples,)
    positive : ndarray of shape (n_samples,), bool
    """

    def __init__(self, scores, positive):
        self._rows = [
            rows[np.argsort(scores[rows])]
            for rows in (np.flatnonzero(~positive), np.flatnonzero(positive))
        ]
        negative, positive = (scores[rows] for rows in self._rows)
        self._below = np.searchsorted(negative, positive, side="left")
        self._up_to = np.searchsorted(negative, positive, side="right")

    def areas(self, weights):
        """Return the area for each draw.

        Parameters
        ----------
        weights : ndarray of shape (n_samples, n_draws)
            In C order.

        Returns
        -------
        areas : ndarray of shape (n_draws,)
            NaN where no positive or no negative row has a weight.
        """
        areas = np.empty(weights.shape[1])
        ranked_areas(weights, *self._rows, self._below, self._up_to, areas)
        return areas


class Measures:
    """All figures of some models on the same rows.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column numbers of the true classes.
    probabilities : dict of str to ndarray of shape (n_samples, n_classes)
        Of each model; that of the "teacher" is what others are compared with.
    groups : ndarray of shape (n_samples,), int, or None
        The number of each row's group, from 0.
    """

    def __init__(self, labels, probabilities, groups=None):
        n_classes = probabilities["teacher"].shape[1]
        self._classes = Segments(labels, n_classes)
        self._groups = None if groups is None else Segments(groups, groups.max() + 1)
        self._right, self._losses, self._keys, columns = {}, {}, [], []
        self._gaps, self._rankings = {}, {}
        teacher = probabilities["teacher"]
        for model, proba in probabilities.items():
            predicted, confidence = proba.argmax(axis=1), proba.max(axis=1)
            self._right[model] = (predicted == labels).astype(np.float64)
            self._losses[model] = rowwise.log_losses(labels, proba)
            means = {
                "accuracy": self._right[model],
                "log_loss": self._losses[model],
                "brier": rowwise.brier_scores(labels, proba),
            }
            if model != "teacher":
                means |= {
                    "agreement": predicted == teacher.argmax(axis=1),
                    "kl_divergence": rowwise.divergences(teacher, proba),
                    "total_variation": rowwise.variations(teacher, proba),
                }
            self._keys += [Key(measure, model) for measure in means]
            columns += means.values()
            order = np.argsort(confidence, kind="stable")
            gaps = (confidence - self._right[model])[order]
            self._gaps[model] = order, gaps
            # Of two classes the areas are the same.
            ranked = range(n_classes) if n_classes > 2 else [1]
            self._rankings[model] = {
                column: Ranking(proba[:, column], labels == column) for column in ranked
            }
        self._columns = np.column_stack(columns).astype(np.float64)

    def __call__(self, weights):
        """Return all figures.

        Parameters
        ----------
        weights : ndarray of shape (n_draws, n_samples)

        Returns
        -------
        figures : dict of Key to ndarray of shape (n_draws,)
            NaN where the weights leave nothing to measure.
        """
        means = weights @ self._columns / weights.sum(axis=1, keepdims=True)
        figures = dict(zip(self._keys, means.T, strict=True))
        in_class = self._classes.sums(weights)
        by_row = np.ascontiguousarray(weights.T)
        for model, right in self._right.items():
            recalls = _ratio(self._classes.sums(weights * right), in_class)
            figures[Key("balanced_accuracy", model)] = _mean(recalls)
            order, gaps = self._gaps[model]
            figures[Key("calibration_error", model)] = rowwise.binned_distance(
                gaps, np.take(weights, order, axis=1), min(_N_BINS, len(order))
            )
            areas = {
                column: ranking.areas(by_row)
                for column, ranking in self._rankings[model].items()
            }
            figures[Key("roc_auc", model)] = _mean(
                np.column_stack(list(areas.values()))
            )
            for column, recall in enumerate(recalls.T):
                figures[Key("recall", model, class_=column)] = recall
                area = areas.get(column, areas.get(1))
                figures[Key("roc_auc", model, class_=column)] = area
        if self._groups is not None:
            figures |= self._of_groups(weights)
        return figures

    def _of_groups(self, weights):
        """Return accuracy and log-loss of each group, and those of all others."""
        in_group = self._groups.sums(weights)
        in_others = weights.sum(axis=1, keepdims=True) - in_group
        figures = {}
        for measure, of_models in (
            ("accuracy", self._right),
            ("log_loss", self._losses),
        ):
            for model, values in of_models.items():
                sums = self._groups.sums(weights * values)
                of_others = sums.sum(axis=1, keepdims=True) - sums
                parts = {measure: _ratio(sums, in_group)}
                parts[f"{measure}_of_others"] = _ratio(of_others, in_others)
                for name, part in parts.items():
                    for group, figure in enumerate(part.T):
                        figures[Key(name, model, group=group)] = figure
        return figures


def _ratio(parts, wholes):
    """Divide; NaN where the whole is zero."""
    # Sums of weights that cancel may leave a trace of rounding.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(wholes > 1e-9, parts / wholes, np.nan)


def _mean(values):
    """Return the mean of each row over what is no NaN; NaN where all are."""
    known = np.isfinite(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1))
