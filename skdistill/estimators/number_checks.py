"""Checks of numbers that a student takes as they are."""

from contextlib import contextmanager

import numpy as np

from skdistill.inputs.standardization import LEAST_SCALE, factor_for

# Arguments of scikit-learn's checks of sparse rows. CSR, since rows can be selected.
AS_SPARSE = {"accept_sparse": "csr", "dtype": [np.float64, np.float32]}


@contextmanager
def huge_integers_refused():
    """Return a context that raises a ValueError if an integer is beyond all floats."""
    try:
        yield
    except OverflowError as error:
        raise ValueError(
            f"X holds an integer that is too large for a float ({error}): give numbers "
            "up to 3.4e38 in size"
        ) from error


def check_single_precision(features, name):
    """Raise if a number is too large for single precision, or if all are too small.

    Parameters
    ----------
    features : ndarray or CSR of shape (n_samples, n_features)
        Finite numbers.
    name : str
        Name of the rows in errors.

    Raises
    ------
    ValueError
        If a value is beyond float32, or if all are so small that their scale is lost.
    """
    greatest = max(abs(features.max()), abs(features.min()))
    if 0 < greatest < LEAST_SCALE:
        raise ValueError(
            f"{name} holds no value above {greatest:.4g} in size, too small for "
            "float32, in which the student computes: multiply it by a number first, "
            f"for example by {factor_for(greatest):.0e}"
        )
    if greatest > np.finfo(np.float32).max:
        raise ValueError(
            f"{name} holds a value of size {greatest:.4g}, too large for float32, in "
            "which the student computes"
        )
