"""The meaning of the outputs of an adapter's model: classes or numbers."""

import copy
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.utils import RegressorTags

from skdistill.teachers.outputs import (
    AUTO,
    NUMBERS,
    are_beyond_0_and_1,
    as_probabilities,
    check_finite,
    decide_kind,
    warn_if_probabilities,
)

# Activations after which outputs are probabilities or their logarithms.
_OF_CLASSES = ("softmax", "logsoftmax", "sigmoid", "logsigmoid")


def tells_classes(adapter: Any) -> bool:
    """Tell whether an adapter has probabilities; raise a clear error otherwise."""
    if adapter.output != NUMBERS:
        return True
    raise AttributeError(
        f'{type(adapter).__name__} with output="numbers" has predict, and no '
        "predict_proba"
    )


def sign_of(last: Any) -> str:
    """Return a sign of classes: an activation that makes probabilities.

    Parameters
    ----------
    last : object
        Last activation of a network, a layer or a function.

    Returns
    -------
    sign : str
        It is empty for other activations.
    """
    name = getattr(last, "__name__", type(last).__name__)
    plain = name.lower().replace("_", "")
    return f"its last activation is {name}" if plain in _OF_CLASSES else ""


class OutputMeaning:
    """Part of an adapter that knows what the outputs of its model mean."""

    output: Any
    output_: str
    _labels: Any
    _called: Any
    _call: Any
    _known_classes: Any
    _wrong_number: Any

    def kind_of(self, values: np.ndarray) -> str:
        """Return what outputs mean: as decided before, as said, or by their values.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_outputs) or (n_samples,)

        Returns
        -------
        kind : {"logits", "log_proba", "proba", "numbers"}
        """
        output = vars(self).get("output_", self.output)
        return decide_kind(values, output, self._called, self._call)

    def meaning_of(self, values: np.ndarray, kind: str) -> np.ndarray:
        """Return outputs as probabilities or numbers, with as many columns as before.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_outputs) or (n_samples,)
        kind : {"logits", "log_proba", "proba", "numbers"}

        Returns
        -------
        answers : ndarray of shape (n_samples, n_outputs) or (n_samples,)
        """
        if kind == NUMBERS:
            check_finite(values, self._called)
            return values
        return as_probabilities(values, kind, self._called, self._call)

    def decided_for_labels(self, values: np.ndarray) -> Self:
        """Return a copy that knows what outputs for labels mean, each by itself.

        Outputs that go beyond 0 and 1 are logits, and others are probabilities.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_labels)

        Returns
        -------
        adapter : estimator
        """
        made = copy.copy(self)
        made.output_ = self.output
        if made.output_ == AUTO:
            check_finite(values, self._called)
            made.output_ = "logits" if are_beyond_0_and_1(values) else "proba"
        return made

    def probabilities_of_labels(self, values: np.ndarray) -> np.ndarray:
        """Return outputs for labels as probabilities, which the task checks.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_labels)

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_labels)
        """
        if self.output_ == "logits":
            return expit(values)
        return np.exp(values) if self.output_ == "log_proba" else values

    def of_kind(self, kind: str) -> Self:
        """Return the adapter for a kind of task.

        Parameters
        ----------
        kind : str
            Kind of the task.

        Returns
        -------
        adapter : estimator
            For "numbers" a copy with ``output="numbers"``, which shares the model.

        Raises
        ------
        ValueError
            If it is known that the outputs have another meaning.
        """
        if kind != "numbers" and self.output == NUMBERS:
            raise ValueError(
                f'{type(self).__name__} has output="numbers": {self._called} predicts '
                "numbers. Give it to DistilledRegressor, or say which outputs of "
                "classes it has"
            )
        if kind != "numbers" or self.output == NUMBERS:
            return self
        sign = self._sign_of_classes()
        if sign:
            raise ValueError(
                f"{self._called} tells classes apart: {sign}. Give it to "
                "DistilledClassifier. If its outputs are the numbers to learn, give "
                f'{self._call}output="numbers")'
            )
        made = copy.copy(self)
        made.output = NUMBERS
        return made

    def _sign_of_classes(self):
        """Return a fact that shows that the outputs are of classes, or an empty text.

        Few models show one.
        """
        output = vars(self).get("output_", self.output)
        if output != AUTO:
            return f"its output is {output!r}"
        if self._known_classes() is not None:
            return "its outputs have labels"
        return ""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        if self.output == NUMBERS:
            tags.estimator_type, tags.classifier_tags = "regressor", None
            tags.regressor_tags = RegressorTags()
        return tags

    def decided(self, values: np.ndarray, labels: Any = None) -> Self:
        """Return a copy that shares the model and knows what its outputs mean.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_outputs) or (n_samples,)
            Outputs of the model.
        labels : ndarray of shape (n_classes,) or None, default=None
            Sorted labels, which name the outputs if the adapter knows no classes.

        Returns
        -------
        adapter : estimator

        Raises
        ------
        ValueError
            If the outputs are ambiguous, or are not as many as the classes.
        """
        made = copy.copy(self)
        made.output_ = self.kind_of(values)
        if made.output_ == "logits":
            warn_if_probabilities(values, self._called, self._call)
        n_outputs = 1 if values.ndim == 1 else values.shape[1]
        n_classes = max(n_outputs, 2)
        known = self._known_classes()
        wanted = labels if known is None else known
        if made.output_ == NUMBERS:
            return made
        if wanted is not None and len(wanted) != n_classes:
            raise ValueError(self._wrong_number(n_classes, wanted))
        if known is None and labels is not None:
            made._labels = np.asarray(labels)
        return made
