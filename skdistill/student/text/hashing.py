"""MurmurHash3 of terms, as scikit-learn's FeatureHasher computes it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFF


def _rotated(x, bits):
    return ((x << bits) | (x >> (32 - bits))) & _MASK


def _mixed(word):
    return (_rotated((word * 0xCC9E2D51) & _MASK, 15) * 0x1B873593) & _MASK


def murmur3(data: bytes) -> int:
    """Return the 32-bit MurmurHash3 of bytes, with seed 0, as a signed integer.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    hash : int
    """
    state, whole = 0, len(data) // 4 * 4
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little")
        state = (_rotated(state ^ _mixed(word), 13) * 5 + 0xE6546B64) & _MASK
    if rest := data[whole:]:
        state ^= _mixed(int.from_bytes(rest, "little"))
    state ^= len(data)
    state = ((state ^ (state >> 16)) * 0x85EBCA6B) & _MASK
    state = ((state ^ (state >> 13)) * 0xC2B2AE35) & _MASK
    state ^= state >> 16
    return state - 2**32 if state >= 2**31 else state


def hashes_of(terms: Sequence[str]) -> NDArray[np.int64]:
    """Return the hash of the UTF-8 of each term.

    Parameters
    ----------
    terms : sequence of str

    Returns
    -------
    hashes : ndarray of shape (n_terms,), int64
    """
    return np.array([murmur3(term.encode()) for term in terms], dtype=np.int64)
