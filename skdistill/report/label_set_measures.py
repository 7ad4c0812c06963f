"""Figures of models of label sets on the same rows, for any weights of the rows."""

import numpy as np

from skdistill.metrics import (
    row_brier_scores,
    row_kl_divergences,
    row_log_losses,
    row_total_variations,
)
from skdistill.report.class_measures import Ranking
from skdistill.report.figures import TEACHER, FigureKey, mean, ratio
from skdistill.report.number_measures import GroupMeans, RowMeans


class LabelSetMeasures:
    """All figures of some models of label sets on the same rows.

    Parameters
    ----------
    truth : ndarray of shape (n_samples, n_labels)
        1 for each label that a row has, and 0 for the others.
    probabilities : dict of str to ndarray of shape (n_samples, n_labels)
        Probabilities of each model. The others are compared with the "teacher".
    groups : ndarray of shape (n_samples,), int, or None
        Number of each row's group, from 0.
    decided : dict of str to ndarray of shape (n_samples, n_labels)
        Labels that each model decides for, as 0 and 1.
    """

    def __init__(self, truth, probabilities, groups, decided):
        self._models, self._means = list(probabilities), RowMeans()
        self._groups, self._rankings = GroupMeans(groups), {}
        self._means.add("truth", truth)
        teacher = _pairs(probabilities[TEACHER])
        for model, proba in probabilities.items():
            pairs, labels = _pairs(proba), decided[model]
            exact = (labels == truth).all(axis=1)
            of_rows = {
                "accuracy": exact,
                "hamming_loss": (labels != truth).mean(axis=1),
                "log_loss": _by_row(row_log_losses(truth.ravel(), pairs), proba),
                "brier": _by_row(row_brier_scores(truth.ravel(), pairs), proba),
            }
            if model != TEACHER:
                alike = labels == decided[TEACHER]
                of_rows |= {
                    "agreement": alike.mean(axis=1),
                    "kl_divergence": _by_row(row_kl_divergences(teacher, pairs), proba),
                    "total_variation": _by_row(
                        row_total_variations(teacher, pairs), proba
                    ),
                }
            for measure, values in of_rows.items():
                self._means.add(FigureKey(measure, model), values[:, np.newaxis])
            self._means.add(("decided", model), labels)
            self._means.add(("hit", model), labels * truth)
            for measure in ("accuracy", "log_loss"):
                self._groups.add(measure, model, of_rows[measure])
            self._rankings[model] = [
                Ranking(scores, has_label)
                for scores, has_label in zip(proba.T, truth.T > 0, strict=True)
            ]

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
        means = self._means.of(weights)
        figures = self._groups.figures(weights)
        figures |= {
            key: values[:, 0]
            for key, values in means.items()
            if isinstance(key, FigureKey)
        }
        by_row = np.ascontiguousarray(weights.T)
        for model in self._models:
            hits, called = means["hit", model], means["decided", model] + means["truth"]
            of_labels = {
                "f1": _f1(hits, called),
                "roc_auc": np.column_stack(
                    [ranking.areas(by_row) for ranking in self._rankings[model]]
                ),
            }
            figures |= {
                FigureKey(name, model, column=column): values
                for name, of_all in of_labels.items()
                for column, values in enumerate(of_all.T)
            }
            figures[FigureKey("f1_macro", model)] = of_labels["f1"].mean(axis=1)
            figures[FigureKey("f1_micro", model)] = _f1(
                hits.sum(axis=1), called.sum(axis=1)
            )
            figures[FigureKey("roc_auc", model)] = mean(of_labels["roc_auc"])
        return figures


def _pairs(probabilities):
    """Return probabilities of labels as those of two classes, of one row each."""
    of_label = probabilities.ravel()
    return np.column_stack([1.0 - of_label, of_label])


def _by_row(values, probabilities):
    """Return the mean over the labels of each row, of values of `_pairs`."""
    return values.reshape(probabilities.shape).mean(axis=1)


def _f1(hits, called):
    """Return F1 from shares of rows: as in scikit-learn, 0 without such rows.

    Parameters
    ----------
    hits : ndarray
        Shares of the rows that have the label, and for which it is decided.
    called : ndarray
        Shares of the rows that have it, plus those for which it is decided.
    """
    return np.nan_to_num(ratio(2.0 * hits, called))
