"""The task of deciding which labels a row has: any number of several."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr, expit

from skdistill.common.log_loss import binary_log_losses
from skdistill.common.warn import warn
from skdistill.kernels.layers import loss as kernels
from skdistill.student.outputs import LabelSets
from skdistill.tasks import exact_loss
from skdistill.tasks.fold import fold_label_sets
from skdistill.tasks.label_probabilities import (
    check_label_probabilities,
    warn_if_nearly_indicators,
    warn_if_shares,
)
from skdistill.tasks.soft_targets import SMOOTHING
from skdistill.tasks.task import Task
from skdistill.tasks.training_task import SHARED_BINS
from skdistill.teachers.answers import check_names, read_answers
from skdistill.teachers.calibration import Temperatures
from skdistill.teachers.held_out_label_sets import HeldOutLabelSets

_LEAST_CONFIDENCE = 0.01

# A teacher whose squared error is so many times that of a constant answer deserves a
# warning.
_WORSE_THAN_CONSTANT = 1.1


class LabelSetting(Task):
    """Learn which labels a row has, from labels and from a probability for each.

    Each label counts by itself, as in scikit-learn's `MLPClassifier`. Soft targets are
    logits of the labels.

    Parameters
    ----------
    n_labels : int
        Number of labels, and of the columns of a checked answer.
    names : sequence of n_labels str, or None, default=None
        Names of the labels. None for their numbers.
    """

    kind = "label_sets"
    tells_doubt = True
    takes_names = True

    losses: ClassVar[Mapping[str, int]] = {"kl": kernels.BINARY}
    exact_losses: ClassVar[Mapping[str, Any]] = {"kl": exact_loss.binary}

    def __init__(self, n_labels: int, names: Sequence[str] | None = None) -> None:
        self._output = LabelSets(np.arange(n_labels) if names is None else names)
        self.names = [str(label) for label in self._output.labels.tolist()]

    def named(self, names: Sequence[str] | None) -> "LabelSetting":
        """Return the task with the names of its labels."""
        return LabelSetting(self.n_columns, names)

    @property
    def known_output(self) -> LabelSets:
        """Labels of the student's output units."""
        return self._output

    @property
    def output(self) -> LabelSets:
        """Labels of the student's output units."""
        return self._output

    @property
    def identity(self) -> Any:
        """Number of labels."""
        return self.output.identity

    @property
    def most_bins(self) -> int | None:
        """Half of the usual bins if several labels share the layers."""
        return SHARED_BINS if self.n_columns > 1 else None

    @property
    def uncalibrated(self) -> Temperatures:
        """Temperature of 1 for each label."""
        return Temperatures.identity(self.n_columns)

    def completed(self, answers: NDArray[Any], labels: Any = None) -> "LabelSetting":
        """Return the task as it is: its labels are known from the start."""
        return self

    def encode_labels(self, y: NDArray[Any] | None, n_rows: int) -> NDArray[np.float64]:
        """Return labels as 0 and 1, NaN in rows without labels."""
        if y is None:
            return np.full((n_rows, self.n_columns), np.nan)
        return np.asarray(y, dtype=np.float64)

    def decode_labels(self, labels: NDArray[Any]) -> NDArray[np.intp]:
        """Return labels as an indicator matrix of 0 and 1."""
        return labels.astype(np.intp)

    def check_answers(
        self, answers: ArrayLike, n_rows: int, name: str
    ) -> NDArray[np.floating]:
        """Check a probability for each label: see `check_label_probabilities`.

        Columns of a frame, and the `classes_` of a teacher, have the names of the
        labels in their order. Numbers 0, 1, ... are places.
        """
        given = read_answers(answers, name, self.kind)
        classes = () if given.classes is None else given.classes.tolist()
        found = [str(column) for column in given.names or classes]
        check_names(found, self.names, name, "labels")
        return check_label_probabilities(given, n_rows, self.n_columns, name)

    def answers_of(self, student: Any, X: Any) -> NDArray[np.float32]:
        """Return a student's probabilities of the labels."""
        return student.predict_proba(X)

    def decisions(self, answers: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return 1 for each label whose probability is above one half."""
        return (answers > 0.5).astype(np.intp)

    def own_decisions(self, labels: Any, known: Any) -> None:
        """Return None: decisions of a model that follow other thresholds do not count.

        They are no part of this task.
        """
        return None

    def answered_by(self, teacher: Any, y: Any) -> "LabelSetting":
        """Return the same task: a clone answers it whatever rows it was fitted on.

        A label that none of these rows has gets the probability 0.
        """
        return self

    def covers(self, other: Any) -> bool:
        """Return True: each answer has a column for each label."""
        return True

    def spread(self, answers: Any, other: Any) -> Any:
        """Return the answers as they are."""
        return answers

    def soft_targets(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return smoothed logits, ``log(p') - log(1 - p')``.

        Here ``p' = (1 - e) p + e / 2``, and e is `SMOOTHING`, as for two classes.
        """
        smoothed = (1.0 - SMOOTHING) * answers + 0.5 * SMOOTHING
        return (np.log(smoothed) - np.log1p(-smoothed)).astype(np.float32)

    def confidence(self, answers: NDArray[Any], is_sparse: bool) -> NDArray[Any]:
        """Return one minus the mean entropy of the labels, by that of one half.

        For sparse rows return the mean square of the greater probability of each label
        and its absence: see `Classification.confidence`. It is at least 0.01.
        """
        shares = answers.astype(np.float64)
        if is_sparse:
            sure = (np.maximum(shares, 1.0 - shares) ** 2).mean(axis=1)
        else:
            entropy = entr(shares) + entr(1.0 - shares)
            sure = 1.0 - entropy.mean(axis=1) / np.log(2.0)
        return np.clip(sure, _LEAST_CONFIDENCE, 1.0)

    def predictions(
        self,
        targets: Any,
        labels: Any,
        weights: Any,
        model: Any = None,
        rows: Any = None,
    ) -> HeldOutLabelSets:
        """Return predictions of labels. A temperature a label can calibrate them."""
        return HeldOutLabelSets(targets, labels, model, weights, rows)

    def losses_of_answers(self, predicted: Any, answers: Any) -> NDArray[np.float64]:
        """Return the mean cross-entropy of each row's labels with the answers."""
        shares = expit(answers.astype(np.float64))
        return binary_log_losses(predicted.astype(np.float64), shares)

    def changes(
        self, before: NDArray[Any], after: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Return the mean absolute change of the probabilities, from 0 to 1."""
        return np.abs(after - before).mean(axis=-1)

    def warn_if_worse_than_constant(
        self, answers: Any, labels: Any, weights: Any
    ) -> None:
        """Warn if the shares of the labels, as a constant, have a lower squared error.

        It is the mean over the labels of the squared difference of probability and
        label. Probabilities of one of several classes get a warning too.
        """
        warn_if_shares(answers, labels)
        shares = np.average(labels, axis=0, weights=weights)
        error, constant = (
            float(np.average(((off - labels) ** 2).mean(axis=1), weights=weights))
            for off in (answers, shares)
        )
        if error > _WORSE_THAN_CONSTANT * constant > 0.0:
            warn(
                "the teacher's probabilities are off by a squared error of "
                f"{error:.3g} on the labelled rows, and the share of each label, as a "
                f"constant answer, by {constant:.3g}. Was the teacher fitted on "
                "columns that were scaled or encoded in another way, or are its labels "
                "in another order?"
            )

    def warn_if_labels(self, teacher_name: str, answers: Any) -> None:
        """Do nothing: an answer has a column for each label, which are several."""

    def warn_if_no_more_than_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if all probabilities are nearly zero or one."""
        warn_if_nearly_indicators(teacher_name, answers)

    def fold(
        self,
        targets: NDArray[np.float32],
        labels: NDArray[Any],
        soft_weight: NDArray[np.float64],
        hard_weight: NDArray[np.float64],
        loss: str,
        temperature: float,
        out: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Fold logits and labels into the form of `kernels.layers.separate_loss`."""
        shares = expit(targets.astype(np.float64))
        return fold_label_sets(shares, labels, soft_weight, hard_weight, out)

    def agreement(
        self, one: NDArray[Any], other: NDArray[Any], weights: NDArray[np.float64]
    ) -> float:
        """Return the share of the labels, by weight of rows, that are decided alike."""
        alike = self.decisions(one) == self.decisions(other)
        return float(np.average(alike.mean(axis=1), weights=weights))
