"""The task of predicting numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from skdistill.common.warn import warn
from skdistill.kernels.layers import loss as kernels
from skdistill.student.outputs import Numbers
from skdistill.tasks import exact_loss
from skdistill.tasks.check_numbers import (
    check_distance,
    check_numbers,
    check_order_of_quantiles,
)
from skdistill.tasks.fold import fold_numbers
from skdistill.tasks.number_loss import NumberLoss
from skdistill.tasks.number_output import numbers_like, tell_no_deviation
from skdistill.tasks.task import Task
from skdistill.tasks.training_task import SHARED_BINS
from skdistill.teachers.answers import check_names, read_answers
from skdistill.teachers.calibration import SlopeAndOffset
from skdistill.teachers.held_out_numbers import HeldOutNumbers

# A teacher whose squared error is so many times the variance of y deserves a warning.
_WORSE_THAN_CONSTANT = 1.1


class Regression(Task):
    """Learn numbers, from labels and from a teacher's numbers.

    Soft targets and labels count deviations: ``(y - mean) / scale``, with the mean and
    the standard deviation of each target.

    Parameters
    ----------
    output : Numbers or None
        Means, deviations and range of the targets. None if there is no y: then the
        first answers set them.
    loss : NumberLoss
    clip : bool
        Whether answers stay within the range of y and of the teacher's answers.
    """

    kind = "numbers"
    takes_names = True
    mixes_labelled = True
    method = "predict"

    losses: ClassVar[Mapping[str, int]] = {
        "squared_error": kernels.SQUARED_ERROR,
        "huber": kernels.HUBER,
        "absolute_error": kernels.ABSOLUTE_ERROR,
        "quantile": kernels.PINBALL,
    }
    exact_losses: ClassVar[Mapping[str, Any]] = {
        "squared_error": exact_loss.squared_error,
        "huber": exact_loss.huber,
        "absolute_error": exact_loss.absolute_error,
        "quantile": exact_loss.pinball,
    }

    def __init__(self, output: Numbers | None, loss: NumberLoss, clip: bool) -> None:
        self._output, self.loss, self.clip = output, loss, clip
        # Targets of one number alone, or of few, whose deviation a teacher tells.
        self._is_unsure: Any = False

    @classmethod
    def of(
        cls,
        y: NDArray[Any] | None,
        loss: NumberLoss,
        clip: bool,
        weights: NDArray[np.float64] | None = None,
    ) -> "Regression":
        """Return the task that follows from labels.

        Parameters
        ----------
        y : ndarray of shape (n_samples,) or (n_samples, n_targets), or None
        loss : NumberLoss
        clip : bool
        weights : ndarray of shape (n_samples,) or None, default=None
            Weights of the rows. Rows without a weight do not count.

        Returns
        -------
        task : Regression
        """
        if y is None:
            return cls(None, loss, clip)
        is_flat = y.ndim == 1
        if weights is not None:
            y, weights = y[weights > 0], weights[weights > 0]
        task = cls(numbers_like(y, loss, clip, weights, is_flat=is_flat), loss, clip)
        task._is_unsure = tell_no_deviation(y.reshape(len(y), -1))
        return task

    @property
    def known_output(self) -> Numbers | None:
        """Output, or None before the targets are known."""
        return self._output

    @property
    def output(self) -> Numbers:
        """Means, deviations and range of the targets."""
        if self._output is None:
            raise RuntimeError(
                "the targets are not known before the teacher has answered"
            )
        return self._output

    @property
    def quantiles(self) -> tuple[float, ...]:
        """Level of the quantile that each target is, if they are quantiles."""
        return self.loss.quantiles or ()

    @property
    def tells_distance(self) -> bool:
        """Whether answers are means, and not quantiles."""
        return not self.quantiles

    @property
    def step_factor(self) -> int:
        """Three times the steps if several targets share the layers."""
        return 3 if self._shares_layers else 1

    @property
    def most_synthetic(self) -> int:
        """Fewer than for classes: more do not make the student more accurate."""
        return 20_000

    @property
    def most_bins(self) -> int | None:
        """Half of the usual bins if several targets share the layers."""
        return SHARED_BINS if self._shares_layers else None

    @property
    def most_rows_of_weights(self) -> int | None:
        """So many that the file of a table of 30 columns has at most 56 KiB."""
        return 320

    @property
    def _shares_layers(self) -> bool:
        """Whether there are several targets, and not several quantiles of one."""
        return self.n_columns > 1 and not self.quantiles

    def loss_parameter(self, given: float) -> float:
        """Return the threshold of Huber's loss, which other losses do not have."""
        return self.loss.threshold

    def informed_by(self, unseen: HeldOutNumbers | None) -> "Regression":
        """Return the task with the threshold that suits the teacher's errors."""
        if unseen is None:
            return self
        loss = self.loss.with_threshold_of(unseen)
        return self._with(self._output, loss)

    @property
    def identity(self) -> Any:
        """Number of targets, unit, loss and quantiles."""
        unit = self.output.mean, self.output.scale
        return self.output.identity, unit, self.loss[:2]

    @property
    def uncalibrated(self) -> SlopeAndOffset:
        """Slope of 1 and offset of 0."""
        return SlopeAndOffset.identity(self.n_columns)

    def completed(self, answers: NDArray[Any], labels: Any = None) -> "Regression":
        """Return the task with a target for each column of an answer."""
        if self._output is None:
            is_flat = answers.shape[1] == 1
            output = numbers_like(answers, self.loss, self.clip, None, is_flat=is_flat)
            task = self._with(output, self.loss)
            task._is_unsure = tell_no_deviation(answers)
            return task
        return self

    def _with_scale_of(self, answers):
        """Return the task with deviations by a teacher, where those of y are unsure."""
        output = self.output
        away = (((answers - output.mean) / output.scale) ** 2).mean(axis=0) ** 0.5
        if self.loss.quantiles is not None:
            away = np.full_like(away, away.max())
        # A few answers near y tell no deviation: the size of y stands for it.
        scale = output.scale * np.where(self._is_unsure, np.maximum(away, 1.0), 1.0)
        task = self._with_output(scale, output.low, output.high)
        # A later part of the rows must not change the unit of a student.
        task._is_unsure = False
        return task

    def widened(self, answers: NDArray[Any]) -> "Regression":
        """Return the task with a range of answers that holds these of a teacher.

        If y is one number alone, or holds fewer than ten, they tell its deviation too.
        """
        if not len(answers):
            return self
        task = self._with_scale_of(answers)
        if not self.clip:
            return task
        output = task.output
        low = np.minimum(output.low, answers.min(axis=0))
        high = np.maximum(output.high, answers.max(axis=0))
        if self.loss.quantiles is not None:
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
        return task._with_output(output.scale, low, high)

    def _with_output(self, scale, low, high):
        """Return the task with other deviations and another range of answers."""
        old = self.output
        output = Numbers(
            old.mean, scale, low, high, is_flat=old.is_flat, quantiles=old.quantiles
        )
        return self._with(output, self.loss)

    def _with(self, output, loss):
        """Return the task with another output or loss."""
        task = Regression(output, loss, self.clip)
        task._is_unsure, task.names = self._is_unsure, self.names
        return task

    def named(self, names: Sequence[str] | None) -> "Regression":
        """Return the task with the names of its targets."""
        task = self._with(self._output, self.loss)
        task.names = names or ()
        return task

    def encode_labels(self, y: NDArray[Any] | None, n_rows: int) -> NDArray[np.float64]:
        """Return labels in deviations, NaN in rows without a label."""
        if y is None:
            return np.full((n_rows, self.n_columns), np.nan)
        columns = np.asarray(y, dtype=np.float64).reshape(n_rows, -1)
        return self.output.to_units(
            np.broadcast_to(columns, (n_rows, self.n_columns)).copy()
        )

    def decode_labels(self, labels: NDArray[Any]) -> NDArray[np.float64]:
        """Return labels as numbers, as the user gave them."""
        numbers = self.output.mean + self.output.scale * labels
        # Some scorers refuse numbers that rounding puts at zero or below.
        numbers = numbers.clip(self.output.low, self.output.high)
        is_one = self.output.is_flat or self.loss.quantiles is not None
        return numbers[:, 0] if is_one else numbers

    def check_answers(
        self, answers: ArrayLike, n_rows: int, name: str
    ) -> NDArray[np.float64]:
        """Check numbers: see the functions of `skdistill.tasks.check_numbers`."""
        levels, words = self.quantiles, ""
        if len(levels) > 1:
            models = ", ".join(f"{level!r}: ..." for level in levels)
            words = (
                f"a column for each of the quantiles {levels!r:.100}. If a model "
                "answers with one quantile, give a dict with a model for each as the "
                f"teacher: {{{models:.100}}}"
            )
        n_columns = None if self._output is None else self.n_columns
        given = read_answers(answers, name, self.kind)
        check_names(list(map(str, given.names or ())), self.names, name, "targets")
        numbers = check_numbers(given, n_rows, n_columns, name, words)
        check_order_of_quantiles(numbers, levels, name)
        if self._output is None:
            return numbers
        check_distance(numbers, self._output, name)
        return numbers

    def answers_of(self, student: Any, X: Any) -> NDArray[np.float64]:
        """Return a student's numbers, with a column for each target."""
        return student.predict(X).reshape(-1, self.n_columns)

    def decisions(self, answers: NDArray[np.floating]) -> Any:
        """Return the answers: a model of numbers decides nothing else."""
        return answers

    def own_decisions(self, labels: Any, known: Any) -> None:
        """Return None: a model of numbers decides nothing beside its answers."""
        return None

    def answered_by(self, teacher: Any, y: Any) -> "Regression":
        """Return the same task: a clone answers it whatever rows it was fitted on."""
        return self

    def covers(self, other: Any) -> bool:
        """Return True: each answer has a column for each target."""
        return True

    def spread(self, answers: Any, other: Any) -> Any:
        """Return the answers as they are."""
        return answers

    def soft_targets(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return a teacher's numbers in deviations."""
        return self.output.to_units(answers).astype(np.float32)

    def confidence(self, answers: NDArray[Any], is_sparse: bool) -> NDArray[Any]:
        """Return 1 for each row: a number does not tell how sure it is."""
        return np.ones(len(answers))

    def predictions(
        self,
        targets: Any,
        labels: Any,
        weights: Any,
        model: Any = None,
        rows: Any = None,
    ) -> HeldOutNumbers:
        """Return predictions of numbers. A slope and an offset can calibrate them."""
        return HeldOutNumbers(
            targets,
            labels,
            model,
            weights,
            rows,
            loss_of=self.loss.of_rows,
            quantiles=self.loss.levels(self.n_columns),
        )

    def losses_of_answers(self, predicted: Any, answers: Any) -> NDArray[np.float64]:
        """Return the mean squared error of each row."""
        return ((predicted.astype(np.float64) - answers) ** 2).mean(axis=1)

    def changes(
        self, before: NDArray[Any], after: NDArray[Any]
    ) -> NDArray[np.floating]:
        """Return the mean absolute change of the targets, in deviations."""
        return (np.abs(after - before) / self.output.scale).mean(axis=-1)

    def warn_if_worse_than_constant(
        self, answers: Any, labels: Any, weights: Any
    ) -> None:
        """Warn if always answering the mean of y has a smaller squared error."""
        if self.loss.quantiles is not None:
            return
        counted = np.flatnonzero((weights > 0) & ~np.isnan(labels).any(axis=1))
        weights, known = weights[counted], labels[counted]
        errors = self.output.to_units(answers[counted]) - known
        mean = np.average(known, axis=0, weights=weights)
        error, constant = (
            float(np.average((off**2).mean(axis=1), weights=weights))
            for off in (errors, known - mean)
        )
        if constant > self._rounding().max() and error > (
            _WORSE_THAN_CONSTANT * constant
        ):
            warn(
                "the squared error of the teacher's numbers on the labelled rows is "
                f"{error / constant:.3g} times the variance of y: a constant answer is "
                "better. Was the teacher fitted on columns or on a y that were scaled "
                "or encoded in another way?"
            )

    def warn_if_labels(self, teacher_name: str, answers: Any) -> None:
        """Do nothing: numbers are all that is wanted."""

    def warn_if_no_more_than_labels(self, teacher_name: str, answers: Any) -> None:
        """Do nothing: numbers are all that is wanted."""

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
        """Fold soft targets and labels into the form of the kernels of numbers."""
        return fold_numbers(targets, labels, soft_weight, hard_weight, out)

    def agreement(
        self, one: NDArray[Any], other: NDArray[Any], weights: NDArray[np.float64]
    ) -> float:
        """Return R² of one model's numbers, with another's as the truth.

        It is the mean over the targets. It may be negative. A constant target counts
        as scikit-learn counts it: 1 if both models answer alike, and otherwise 0.
        """
        one, other = self.output.to_units(one), self.output.to_units(other)
        mean = np.average(other, axis=0, weights=weights)
        error = np.average((one - other) ** 2, axis=0, weights=weights)
        variance = np.average((other - mean) ** 2, axis=0, weights=weights)
        least = self._rounding()
        explained = np.where(error > least, 0.0, 1.0)
        np.divide(variance - error, variance, out=explained, where=variance > least)
        return float(explained.mean())

    def _rounding(self):
        """Return the variance of each target that rounding alone can make."""
        size = 1.0 + np.abs(self.output.mean / self.output.scale)
        return (8.0 * np.finfo(np.float64).eps * size) ** 2
