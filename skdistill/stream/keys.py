"""Random keys of rows, which depend on the file and the place of a row alone."""

import hashlib

import numpy as np
from numpy.typing import NDArray

# Constants of SplitMix64.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))


def row_keys(name: str, first: int, n_rows: int, purpose: str) -> NDArray[np.uint64]:
    """Return a random number of 64 bits for each row.

    Parameters
    ----------
    name : str
        Name of the file.
    first : int
        Number of the first row in the file.
    n_rows : int
    purpose : str
        Purpose of the numbers. Another one has other numbers.

    Returns
    -------
    keys : ndarray of shape (n_rows,), uint64
    """
    seed = hashlib.blake2b(f"{purpose}/{name}".encode(), digest_size=8).digest()
    numbers = np.arange(first + 1, first + n_rows + 1, dtype=np.uint64)
    keys = numbers * _STEP + np.uint64(int.from_bytes(seed, "little"))
    for shift, factor in zip(_SHIFTS, _FACTORS, strict=False):
        keys = (keys ^ (keys >> shift)) * factor
    return keys ^ (keys >> _SHIFTS[2])


def are_below(keys: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    """Tell which keys belong to a share of all rows."""
    if share >= 1.0:
        return np.ones(keys.size, dtype=bool)
    return keys < np.uint64(int(share * 2.0**64))
