"""Hints: what the hidden layer of a teacher tells about the rows to learn from."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import gen_batches

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.tables.cells import without_mask
from skdistill.tables.own_copy import own_copy
from skdistill.teachers.hidden import check_hidden
from skdistill.teachers.teacher import ROWS_AT_ONCE

# Most numbers of a row that a student learns. Of wider layers, these are the principal
# components with the greatest variance.
_MOST_NUMBERS = 256

# A unit is constant if its deviation is below this share of the greatest one.
_LEAST_DEVIATION = 1e-6


class Hints(NamedTuple):
    """Values of the units of a teacher's hidden layer.

    Attributes
    ----------
    given : ndarray of shape (n_rows, n_units), float32
        Values for the given rows.
    synthetic : ndarray of shape (n_synthetic, n_units), float32, or None
        Values for the synthetic rows. None if there are none.
    share : float
        Share of the training steps that learn the hint.
    """

    given: np.ndarray
    synthetic: np.ndarray | None
    share: float

    def targets(self) -> np.ndarray:
        """Return the numbers that a student learns.

        They are the values of the units that vary, standardised. If there are more than
        256 of them, they are replaced by their first 256 principal components.

        Returns
        -------
        targets : ndarray of shape (n_rows + n_synthetic, n_numbers), float32
            Numbers of the given rows, then of the synthetic ones. There are none if no
            unit varies.
        """
        parts = [part for part in (self.given, self.synthetic) if part is not None]
        values = np.concatenate(parts, dtype=np.float64)
        values -= values.mean(axis=0)
        deviation = values.std(axis=0)
        varies = deviation > _LEAST_DEVIATION * deviation.max()
        values = values[:, varies] / deviation[varies]
        if values.shape[1] > _MOST_NUMBERS:
            _, directions = np.linalg.eigh(values.T @ values)
            values = values @ directions[:, : -_MOST_NUMBERS - 1 : -1]
        return values.astype(np.float32)


def ask_hidden(teacher: Any, X: Any, hint_weight: float) -> np.ndarray:
    """Ask a teacher for its hidden layer.

    Parameters
    ----------
    teacher : Teacher
    X : table of shape (n_rows, n_features)
        Rows as the teacher takes them. They are not altered.
    hint_weight : float
        Parameter of the estimator, for the error.

    Returns
    -------
    values : ndarray of shape (n_rows, n_units), float32

    Raises
    ------
    ValueError
        If the teacher shows no hidden layer, or if it holds anything but a row of
        finite numbers for each row.
    """
    X, blocks = without_mask(X), []
    for rows in gen_batches(num_samples(X), ROWS_AT_ONCE):
        values = teacher.hidden(own_copy(safe_indexing(X, rows)))
        if values is None:
            raise ValueError(no_hidden_layer(teacher.name, hint_weight))
        blocks.append(check_hidden(values, rows.stop - rows.start, teacher.name))
    return np.concatenate(blocks)


def no_hidden_layer(name: str, hint_weight: float) -> str:
    """Return the message for a teacher that shows no hidden layer.

    Parameters
    ----------
    name : str
        Name of the teacher.
    hint_weight : float
        Parameter of the estimator.

    Returns
    -------
    message : str
    """
    return (
        f"hint_weight={hint_weight:g}, and the teacher, {name}, shows no hidden layer: "
        "give a network of scikit-learn, PyTorch or Keras with a hidden layer, or an "
        "object with a method hidden(X). Or set hint_weight=0"
    )
