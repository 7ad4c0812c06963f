"""The task of a hint: to learn the numbers of a teacher's hidden layer."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from skdistill.kernels.layers import loss as kernels
from skdistill.tasks.training_task import TrainingTask

HINT_LOSS = "squared_error"


class HintTask(TrainingTask):
    """Learn the numbers of each row by their squared error. There are no labels.

    The loss of a row with the weight s, the targets v and the outputs z is
    ``s / 2 * |z - v|**2``.
    """

    losses: ClassVar[Mapping[str, int]] = {HINT_LOSS: kernels.LOGIT_MSE}

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
        """Multiply the targets of each row by its weight."""
        out[...] = targets * soft_weight[:, np.newaxis]
        return 0.5 * soft_weight * np.square(targets, dtype=np.float64).sum(axis=1)
