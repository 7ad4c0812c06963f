"""Random rows of a problem whose truth is known."""

from typing import NamedTuple

import numpy as np
import pandas as pd

# Rows that are drawn or answered at once, which bounds the memory.
AT_ONCE = 50_000


class Rows(NamedTuple):
    """Rows with everything that is known about them.

    Attributes
    ----------
    X : DataFrame of shape (n_rows, n_features)
    y : ndarray of shape (n_rows,)
        Labels, drawn from the true probabilities.
    truth : ndarray of shape (n_rows, n_classes)
        True probabilities.
    """

    X: pd.DataFrame
    y: np.ndarray
    truth: np.ndarray
