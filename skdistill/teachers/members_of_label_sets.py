"""Members of an ensemble that decides which labels a row has."""

from typing import Any

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from skdistill.teachers.label_sets import (
    has_classes_of_outputs,
    probabilities_of_labels,
)
from skdistill.teachers.members import Member, Taught

# Number added to a probability, so that its logarithm is finite.
_LEAST_PROBABILITY = 1e-3


class TaughtLabelSets(Taught):
    """Label sets of rows, with the classes of each label as an ensemble knows them.

    Parameters
    ----------
    labels : ndarray of shape (n_samples, n_labels)
        0 and 1.
    classes : list of ndarray
        Classes of each label: 0, 1 or both.
    """

    ensembles = (RandomForestClassifier, ExtraTreesClassifier)
    tree = DecisionTreeClassifier

    def __init__(self, labels, classes):
        self.labels, self._classes = labels, classes
        self.n_columns = len(classes)

    @classmethod
    def of(cls, ensemble: Any, y: Any, task: Any) -> "TaughtLabelSets | None":
        """Return the label sets; None if the ensemble has others."""
        classes, labels = ensemble.classes_, np.asarray(y)
        if not has_classes_of_outputs(classes) or len(classes) != task.n_columns:
            return None
        if labels.shape != (len(labels), len(classes)) or any(
            not np.isin(column, known).all()
            for column, known in zip(labels.T, classes, strict=True)
        ):
            return None
        return cls(labels, classes)

    def is_usable(self, model: Any) -> bool:
        """Tell whether a model answers for each label."""
        return getattr(model, "n_outputs_", 0) == self.n_columns

    def answers(self, member: Member, X: Any) -> Any:
        """Return the probability of each label."""
        answer: Any = member.ask(X, "predict_proba", self.tree)
        return probabilities_of_labels(answer, self._classes, "member of an ensemble")

    def root_matches(self, member: Member) -> bool:
        """Tell whether a tree's root holds the share of each label in its sample."""
        found = member.model.tree_.value[0]
        found = found / found.sum(axis=1, keepdims=True)
        tables = [
            shares[np.newaxis, : len(known)]
            for shares, known in zip(found, self._classes, strict=True)
        ]
        shares = probabilities_of_labels(tables, self._classes, "root of a tree")[0]
        expected = self.labels[member.sample].mean(axis=0)
        return np.allclose(shares, expected, rtol=0.0, atol=1e-6)

    def score(self, answers: Any, rows: Any) -> Any:
        """Return the mean logarithm of the probabilities that the labels get."""
        right = np.where(self.labels[rows] > 0, answers, 1.0 - answers)
        return np.log(right + _LEAST_PROBABILITY).mean(axis=1)

    def stored(self, ensemble: Any, members: list[Member]) -> Any:
        """Return the means that an ensemble computed in `fit`; None if it did not."""
        means = getattr(ensemble, "oob_decision_function_", None)
        if means is None or means.shape != (len(self.labels), 2, self.n_columns):
            return None
        # If no member left a row out, forests store zeros.
        return np.where(means.sum(axis=1) > 0, means[:, 1], np.nan)
