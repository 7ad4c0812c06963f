"""Members of an ensemble that tells classes apart."""

from typing import Any

import numpy as np
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from skdistill.common.labels import label_columns
from skdistill.teachers.members import Member, Taught

# Number added to a probability, so that its logarithm is finite.
_LEAST_PROBABILITY = 1e-3


class TaughtClasses(Taught):
    """Labels of rows as columns of an ensemble.

    The `classes_` of the members are column numbers of the ensemble.

    Parameters
    ----------
    labels : ndarray of shape (n_samples,), int
        Column of the ensemble for the label of each row.
    columns : ndarray of shape (n_columns,), int
        Column of the task for each class of the ensemble.
    n_classes : int
        Number of columns of the task.
    """

    ensembles = (RandomForestClassifier, ExtraTreesClassifier, BaggingClassifier)
    tree = DecisionTreeClassifier

    def __init__(self, labels, columns, n_classes):
        self.labels, self.columns, self._n_classes = labels, columns, n_classes
        self.n_columns = len(columns)

    @classmethod
    def of(cls, ensemble: Any, y: Any, task: Any) -> "TaughtClasses | None":
        """Return the labels; None if the ensemble or the task lacks one."""
        classes = task.output.labels
        labels = label_columns(y, ensemble.classes_)
        columns = label_columns(ensemble.classes_, classes)
        if labels is None or columns is None:
            return None
        return cls(labels, columns, len(classes))

    def is_usable(self, model: Any) -> bool:
        """Tell whether a model answers, with column numbers as its `classes_`."""
        classes = np.asarray(getattr(model, "classes_", ""))
        return (
            hasattr(model, "predict_proba")
            and classes.dtype.kind in "iuf"
            and classes.max() < self.n_columns
        )

    def answers(self, member: Member, X: Any) -> Any:
        """Return probabilities. They are zero for classes that the member lacks."""
        answer = member.ask(X, "predict_proba", self.tree)
        proba = np.zeros((X.shape[0], self.n_columns))
        proba[:, _columns(member)] = answer
        return proba

    def root_matches(self, member: Member) -> bool:
        """Tell whether a tree's root holds the class frequencies of its sample."""
        found = member.model.tree_.value[0, 0]
        labels = self.labels
        counts = np.bincount(labels[member.sample], minlength=labels.max() + 1)
        columns = _columns(member)
        if columns.max() >= counts.size:
            return False
        expected = counts[columns] / member.sample.size
        return np.allclose(found / found.sum(), expected, rtol=0.0, atol=1e-6)

    def score(self, answers: Any, rows: Any) -> Any:
        """Return the logarithms of the probabilities that the labels get."""
        right = answers[np.arange(rows.size), self.labels[rows]]
        return np.log(right + _LEAST_PROBABILITY)

    def stored(self, ensemble: Any, members: list[Member]) -> Any:
        """Return the means that an ensemble computed in `fit`; None if it did not."""
        means = getattr(ensemble, "oob_decision_function_", None)
        if means is None or means.shape != (len(self.labels), self.n_columns):
            return None
        # If no member left a row out, forests store zeros, and bagging stores NaN.
        return np.where(means.sum(axis=1, keepdims=True) > 0, means, np.nan)

    def spread(self, means: Any) -> Any:
        """Return means with zeros for the classes that the ensemble lacks."""
        answered = ~np.isnan(means[:, 0])
        probabilities = np.full((len(means), self._n_classes), np.nan)
        probabilities[answered] = 0.0
        probabilities[:, self.columns] = means
        return probabilities


def _columns(member):
    """Return the ensemble's column of each class of a member."""
    return member.model.classes_.astype(np.intp)
