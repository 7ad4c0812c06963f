"""MurmurHash3 of terms, as scikit-learn's FeatureHasher computes it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFFFFFF
_FIRST, _SECOND, _ADDED = 0xCC9E2D51, 0x1B873593, 0xE6546B64
_LAST = ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1))

# Bytes of a term up to which terms are hashed together.
_SHORT = 256


def hashes_of(terms: Sequence[str]) -> NDArray[np.int64]:
    """Return the hash of the UTF-8 of each term: a signed integer of 32 bits, seed 0.

    Parameters
    ----------
    terms : sequence of str

    Returns
    -------
    hashes : ndarray of shape (n_terms,), int64

    Raises
    ------
    ValueError
        If a term holds half a surrogate pair, which has no UTF-8.
    """
    try:
        encoded = [term.encode() for term in terms]
    except UnicodeEncodeError as error:
        raise ValueError(
            f"X holds half a surrogate pair, {error.object[error.start]!r}, which has "
            "no UTF-8 and so no hash: replace it"
        ) from None
    lengths = np.array([len(term) for term in encoded], dtype=np.int64)
    hashes = np.empty(len(encoded), dtype=np.uint32)
    short = lengths <= _SHORT
    order = np.argsort(-lengths, kind="stable")
    order = order[short[order]]
    hashes[order] = _hash_together([encoded[i] for i in order.tolist()])
    for place in np.flatnonzero(~short).tolist():
        hashes[place] = _hash_one(encoded[place])
    return hashes.view(np.int32).astype(np.int64)


def _hash_one(term):
    """Return the hash of one term."""
    state, n_whole = 0, len(term) // 4
    words = np.frombuffer(term, "<u4", n_whole).tolist()
    for word in words:
        state ^= _mixed(word)
        state = (_rotated(state, 13) * 5 + _ADDED) & _MASK
    state ^= _mixed(int.from_bytes(term[4 * n_whole :], "little"))
    state ^= len(term)
    for shift, factor in _LAST:
        state = ((state ^ (state >> shift)) * factor) & _MASK
    return state


def _rotated(x, n_bits):
    return ((x << n_bits) | (x >> (32 - n_bits))) & _MASK


def _mixed(word):
    return (_rotated((word * _FIRST) & _MASK, 15) * _SECOND) & _MASK


def _hash_together(terms):
    """Return the hash of each term. The longest is the first."""
    lengths = np.array([len(term) for term in terms], dtype=np.int64)
    padded = [term.ljust(-(-len(term) // 4) * 4, b"\0") for term in terms]
    words = np.frombuffer(b"".join(padded), "<u4").astype(np.uint32)
    starts = np.cumsum(-(-lengths // 4)) + lengths // -4
    state = np.zeros(len(terms), dtype=np.uint32)
    for place in range(int(lengths.max(initial=0)) // 4):
        n_longer = np.count_nonzero(lengths >= 4 * place + 4)
        mixed = _mixed_array(words[starts[:n_longer] + place])
        part = _rotated_array(state[:n_longer] ^ mixed, 13)
        state[:n_longer] = part * np.uint32(5) + np.uint32(_ADDED)
    rest = np.flatnonzero(lengths % 4)
    state[rest] ^= _mixed_array(words[starts[rest] + lengths[rest] // 4])
    state ^= lengths.astype(np.uint32)
    for shift, factor in _LAST:
        state = (state ^ (state >> np.uint32(shift))) * np.uint32(factor)
    return state


def _rotated_array(x, n_bits):
    return (x << np.uint32(n_bits)) | (x >> np.uint32(32 - n_bits))


def _mixed_array(words):
    return _rotated_array(words * np.uint32(_FIRST), 15) * np.uint32(_SECOND)
