"""The part of a task that a training needs."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

# Bins of the encoder "auto" if several targets share the layers. Fewer knots are then
# more accurate.
SHARED_BINS = 128


class TrainingTask(ABC):
    """Part of a task that a training needs: its losses, and the targets of rows."""

    #: Names of the soft terms of the loss, each with the number of its kernel.
    losses: ClassVar[Mapping[str, int]]

    #: The same names, each with the function of `skdistill.tasks.exact_loss`.
    exact_losses: ClassVar[Mapping[str, Any]]

    #: Names of the columns of y. Labels of sets without names have their numbers.
    names: Sequence[str] = ()

    #: Whether the columns of y may have names.
    takes_names: ClassVar[bool] = False

    def named(self, names: Sequence[str] | None) -> Any:
        """Return the task with the names of the columns of y, None without names."""
        return self

    @property
    def quantiles(self) -> Sequence[float]:
        """Quantile of each output, or one for all, if the pinball loss is learned."""
        return ()

    @property
    def step_factor(self) -> int:
        """Factor of the steps of the last training."""
        return 1

    @property
    def most_synthetic(self) -> int:
        """Most synthetic rows that `fit` draws if the user sets no number."""
        return 30_000

    @property
    def most_bins(self) -> int | None:
        """Most bins of the encoder "auto". None for those of `TabularEncoder`."""
        return None

    @property
    def most_rows_of_weights(self) -> int | None:
        """Rows of the first layer above which there are fewer bins: see `learn_input`.

        None for no limit.
        """
        return None

    def loss_parameter(self, given: float) -> float:
        """Return the parameter of the loss, which is the temperature by default.

        Parameters
        ----------
        given : float
            Temperature of the plan.

        Returns
        -------
        parameter : float
        """
        return given

    @abstractmethod
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
        """Fold the soft and the hard targets of rows into one array.

        Parameters
        ----------
        targets : ndarray of shape (n_rows, n_columns)
            Soft targets.
        labels : ndarray of shape (n_rows,) or (n_rows, n_targets)
            Encoded labels: see `skdistill.common.labels.is_labelled`.
        soft_weight, hard_weight : ndarray of shape (n_rows,)
            Weights of the soft and the hard term of each row's loss.
        loss : str
            Name of the soft term, a key of `losses`.
        temperature : float
            Temperature, or the parameter that another loss has.
        out : ndarray of shape (n_rows, n_folded), float32
            Array that receives the targets, in the form that the kernel of the loss
            takes. See `skdistill.kernels.layers.loss.n_target_rows` for their number.

        Returns
        -------
        constant : ndarray of shape (n_rows,)
            Part of each row's loss that the student cannot change.
        """

    @property
    def tells_distance(self) -> bool:
        """Whether the squared distance of answers can be compared with errors."""
        return False

    def strata(self, labels: NDArray[Any]) -> NDArray[np.intp]:
        """Return the stratum of each row. Folds have about the same share of each."""
        return np.zeros(len(labels), dtype=np.intp)
