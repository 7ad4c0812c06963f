"""A frame of columns of several kinds."""

import numpy as np
import pandas as pd


def mixed_frame(n_rows, rng):
    """Numbers with and without missing values, and categories of few or many levels."""
    numbers = rng.normal(size=(n_rows, 3)) * [1.0, 50.0, 1e-3] + [0.0, 1e3, 0.0]
    numbers[rng.uniform(size=n_rows) < 0.2, 1] = np.nan
    few = rng.choice(np.array(["x", "y", None], dtype=object), n_rows)
    return pd.DataFrame(
        {
            "a": numbers[:, 0],
            "few": pd.Categorical(few),
            "b": numbers[:, 1],
            "many": pd.Categorical(rng.integers(300, size=n_rows).astype(str)),
            "c": numbers[:, 2],
            "constant": 1.0,
            "none": np.nan,
        }
    )
