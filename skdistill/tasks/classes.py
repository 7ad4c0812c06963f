"""The task of telling classes apart."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, xlogy

from skdistill.common.labels import (
    NO_LABEL,
    decided_columns,
    holds_text,
    label_columns,
    matching_columns,
    sorted_labels,
)
from skdistill.kernels.layers import loss as kernels
from skdistill.metrics import agreement
from skdistill.student.outputs import Classes
from skdistill.tasks import exact_loss
from skdistill.tasks.probabilities import (
    check_probabilities,
    warn_if_labels,
    warn_if_nearly_one_hot,
    warn_if_worse_than_constant,
)
from skdistill.tasks.soft_targets import (
    centred_logits,
    class_factors,
    soften,
    teacher_logits,
    weigh_classes,
)
from skdistill.tasks.task import Task
from skdistill.teachers.calibration import Temperature
from skdistill.teachers.held_out_classes import HeldOutClasses

_LEAST_CONFIDENCE = 0.01


class Classification(Task):
    """Learn the class of a row, from labels and from class probabilities.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,) or None
        Labels of the columns of a checked answer. None if neither the teacher nor y
        tells them: then the first answer sets them.
    """

    losses: ClassVar[Mapping[str, int]] = {
        "kl": kernels.KL,
        "logit_mse": kernels.LOGIT_MSE,
    }
    exact_losses: ClassVar[Mapping[str, Any]] = {
        "kl": exact_loss.kl,
        "logit_mse": exact_loss.logit_mse,
    }

    kind = "classes"
    decides = True
    tells_doubt = True

    def __init__(self, classes: NDArray[Any] | None) -> None:
        self.classes = classes
        self._output = None if classes is None else Classes(classes)

    @classmethod
    def of(cls, teacher, y):
        """Return the task that follows from a teacher and labels.

        Parameters
        ----------
        teacher : Teacher or None
            Teacher that answers. None if it is not fitted yet.
        y : ndarray of shape (n_samples,) or None
            Labels.

        Returns
        -------
        task : Classification
            Task with the teacher's classes in sorted order. If they are not known, it
            has the sorted labels of y.

        Raises
        ------
        ValueError
            If y has labels that the teacher does not know, or if there is only one
            class.
        """
        classes = _classes_of(teacher, y)
        source = "y"
        if teacher is not None and teacher.classes is not None:
            source = f"the teacher, {teacher.name},"
            _check_known(y, classes, source)
        if classes is not None and len(classes) < 2:
            raise ValueError(
                f"{source} holds one class, {classes.tolist()!r:.100}: a classifier "
                "needs at least two"
            )
        return cls(classes)

    @property
    def known_output(self) -> Classes | None:
        """Output, or None before the classes are known."""
        return self._output

    @property
    def output(self) -> Classes:
        """Meaning of the student's output units."""
        if self._output is None:
            raise RuntimeError(
                "the classes are not known before the teacher has answered"
            )
        return self._output

    @property
    def uncalibrated(self) -> Temperature:
        """Temperature of 1."""
        return Temperature()

    @property
    def identity(self) -> NDArray[Any]:
        """Labels of the columns."""
        return self.output.labels

    def strata(self, labels: NDArray[Any]) -> NDArray[np.intp]:
        """Return the classes, so that folds have the same share of each."""
        return labels

    def can_be_dealt(self, labels: NDArray[Any]) -> bool:
        """Tell whether each class has a row, and one class has two."""
        counts = np.bincount(labels, minlength=len(self.output.labels))
        return bool(counts.min() > 0 and counts.max() > 1)

    def changes(
        self, before: NDArray[Any], after: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Return the total variation of the probabilities, from 0 to 1."""
        return np.abs(after - before).sum(axis=-1) / 2

    def completed(self, answers: NDArray[Any], labels: Any = None) -> "Classification":
        """Return the task with a class for each column of an answer."""
        if self.classes is not None:
            return self
        if labels is None:
            return Classification(np.arange(answers.shape[1]))
        return Classification(np.unique(labels))

    def encode_labels(self, y: NDArray[Any] | None, n_rows: int) -> NDArray[np.intp]:
        """Return labels as column numbers."""
        if y is None:
            return np.full(n_rows, NO_LABEL)
        columns = label_columns(y, self.output.labels)
        assert columns is not None  # `of` has checked the labels.
        return columns

    def decode_labels(self, labels: NDArray[np.intp]) -> NDArray[Any]:
        """Return column numbers as labels."""
        return self.output.labels[labels]

    def check_answers(
        self, answers: ArrayLike, n_rows: int, name: str
    ) -> NDArray[np.floating]:
        """Check class probabilities, and sort their columns by class.

        See `check_probabilities`.
        """
        return check_probabilities(answers, n_rows, self.classes, name)

    def answers_of(self, student: Any, X: Any) -> NDArray[np.float32]:
        """Return a student's probabilities."""
        return student.predict_proba(X)

    def decisions(self, answers: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return the columns of the most probable classes."""
        return answers.argmax(axis=1)

    def own_decisions(self, labels: Any, known: Any) -> NDArray[np.intp] | None:
        """Return the columns of labels: see `decided_columns`."""
        return decided_columns(labels, self.output.labels, known)

    def answered_by(self, teacher, y):
        """Return the task of a teacher that was fitted on some of the rows.

        Parameters
        ----------
        teacher : Teacher
        y : array-like of shape (n_samples,)
            Labels of these rows.

        Returns
        -------
        task : Classification
        """
        return Classification(_classes_of(teacher, np.asarray(y)))

    def covers(self, other):
        """Tell whether this task has all classes of another one.

        Parameters
        ----------
        other : Classification

        Returns
        -------
        bool
        """
        return label_columns(other.output.labels, self.output.labels) is not None

    def spread(self, answers, other):
        """Turn answers to a task with fewer classes into answers to this task.

        Parameters
        ----------
        answers : ndarray of shape (n_rows, n_other_classes)
        other : Classification
            Task with the classes of the given answers.

        Returns
        -------
        answers : ndarray of shape (n_rows, n_classes)
            Answers to this task. They are zero for classes that the other task lacks.
        """
        order = label_columns(self.output.labels, other.output.labels)
        if order is not None:
            return answers[:, order]
        spread = np.zeros((len(answers), len(self.output.labels)))
        spread[:, label_columns(other.output.labels, self.output.labels)] = answers
        return spread

    def soft_targets(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return smoothed logits: see `teacher_logits`."""
        return teacher_logits(answers)

    def confidence(self, answers: NDArray[Any], is_sparse: bool) -> NDArray[Any]:
        """Return one minus the entropy, by that of equal probabilities.

        For sparse rows return the square of the greatest probability. A linear student
        takes the mean of many answers, and the unsure ones tell it something too. It is
        at least 0.01, so that no row is lost.
        """
        if is_sparse:
            sure = answers.max(axis=1).astype(np.float64) ** 2
        else:
            sums = xlogy(answers, answers).sum(axis=1, dtype=np.float64)
            sure = 1.0 + sums / np.log(answers.shape[1])
        return np.clip(sure, _LEAST_CONFIDENCE, 1.0)

    def row_factors(self, class_weight: Any, labels: Any, weights: Any) -> Any:
        """Return the factor of each class: see `class_factors`."""
        return class_factors(class_weight, self.output.labels, labels, weights)

    def weigh_labels(self, labels: Any, factors: Any) -> NDArray[np.float64]:
        """Return the factor of each label's class."""
        return factors[labels]

    def weigh_answers(self, targets: Any, factors: Any) -> tuple[Any, Any]:
        """Weigh the classes of rows without labels: see `weigh_classes`."""
        return weigh_classes(targets, factors)

    def predictions(
        self,
        targets: Any,
        labels: Any,
        weights: Any,
        model: Any = None,
        rows: Any = None,
    ) -> HeldOutClasses:
        """Return predictions of classes. A temperature can calibrate them."""
        return HeldOutClasses(targets, labels, model, weights, rows)

    def losses_of_answers(self, predicted: Any, answers: Any) -> NDArray[np.float64]:
        """Return the cross-entropy of each prediction with the answer."""
        shares = soften(answers, 1.0)
        return -(shares * log_softmax(predicted.astype(np.float64), axis=1)).sum(axis=1)

    def warn_if_worse_than_constant(
        self, answers: Any, labels: Any, weights: Any
    ) -> None:
        """Warn if always answering the most frequent class is right more often."""
        warn_if_worse_than_constant(answers, labels, weights)

    def warn_if_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if one number a row looks like a label."""
        warn_if_labels(teacher_name, answers)

    def warn_if_no_more_than_labels(self, teacher_name: str, answers: Any) -> None:
        """Warn if all probabilities are nearly zero or one."""
        warn_if_nearly_one_hot(teacher_name, answers)

    def fold(
        self,
        targets: NDArray[np.float32],
        labels: NDArray[np.intp],
        soft_weight: NDArray[np.float64],
        hard_weight: NDArray[np.float64],
        loss: str,
        temperature: float,
        out: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """Fold logits and labels into the form of `skdistill.kernels.layers.loss`."""
        n_classes = targets.shape[1]
        if loss == "kl":
            soft = soften(targets, temperature)
            # The kernel's loss has the mean of exponentials, not their sum.
            spread = np.log(n_classes)
            distance = spread + xlogy(soft, soft).sum(axis=1)
            constant = soft_weight * temperature**2 * distance
            constant += hard_weight * spread
            soft *= temperature
        else:
            one_unit = Classes.units_of(n_classes) == 1
            soft = centred_logits(targets, first_is_zero=one_unit)
            constant = 0.5 * soft_weight * (soft**2).sum(axis=1)
        soft *= soft_weight[:, np.newaxis]
        out[...] = soft
        labelled = np.flatnonzero(labels != NO_LABEL)
        # The sum is in the precision of the records, as are all sums of the kernels.
        out[labelled, labels[labelled]] += hard_weight[labelled].astype(out.dtype)
        return constant

    def agreement(
        self, one: NDArray[Any], other: NDArray[Any], weights: NDArray[np.float64]
    ) -> float:
        """Return the share of rows, by weight, with the same most probable class."""
        return agreement(one, other, weights)


def _classes_of(teacher, y):
    """Return the sorted classes that a teacher or y tells, with y's type of labels.

    A model may know its labels as text, such as "True", or as codes.
    """
    found = None if y is None else np.unique(y)
    known = None if teacher is None else teacher.classes
    if known is None:
        return found
    known = sorted_labels(known, f"classes_ of the teacher, {teacher.name},")
    if found is None or label_columns(found, known) is not None:
        return known
    same_text = holds_text(found) != holds_text(known)
    if same_text and matching_columns(found, known) is not None:
        return found
    codes = len(found) == len(known) and known.tolist() == list(range(len(found)))
    return (
        found if codes and holds_text(found) and teacher.classes_may_be_codes else known
    )


def _check_known(y, classes, source):
    """Raise if y has a label that a teacher does not know."""
    if y is None or label_columns(y, classes) is not None:
        return
    known = set(classes.tolist())
    given = np.unique(y)
    unknown = [label for label in given.tolist() if label not in known]
    if given.dtype.kind in "iuf" and np.isin(given, np.arange(len(classes))).all():
        raise ValueError(
            f"y holds {given.tolist()!r:.100}, and {source} knows "
            f"{classes.tolist()!r:.200}: y seems to hold numbers of classes in place "
            "of labels. Some clients of scikit-learn encode y so: StackingClassifier, "
            "VotingClassifier, BaggingClassifier, OneVsRestClassifier, "
            "CalibratedClassifierCV with ensemble=False, and cross_val_predict with "
            'method="predict_proba". Fit the teacher on encoded labels, '
            "LabelEncoder().fit_transform(y), and give these to the client too. Or "
            "give an unfitted teacher, which the client fits on what it encoded"
        )
    raise ValueError(
        f"y holds the label {unknown[0]!r}, which {source} does not know. "
        f"It knows {classes.tolist()!r:.200}. Leave out rows with other labels, "
        "or give a teacher that was fitted on all labels, or an unfitted one"
    )
