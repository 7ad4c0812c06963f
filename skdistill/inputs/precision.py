"""Whether single precision tells the values of a column apart, and what mends it."""

from typing import NamedTuple

import numpy as np

from skdistill.common.warn import warn

# Greatest number of values of a column that are looked at.
_MOST_VALUES = 2000

# Greatest number of entries of sparse rows that are looked at.
_MOST_ENTRIES = 200_000

# Single precision loses a column if it leaves fewer than this share of the different
# values. A column whose mean is 1e4 standard deviations from 0 keeps far more of 2,000
# values.
_LEAST_SHARE = 0.5

# An offset helps if it leaves this many times as many different values.
_GAIN = 2.0

# Numbers given in single precision are crowded if they lie within this many of its
# steps.
_FEW_STEPS = 4

# Number of columns that a warning names.
_MOST_NAMES = 10


class Precision(NamedTuple):
    """Effect of single precision on the values of a column.

    Attributes
    ----------
    offset : float
        Number to subtract in double precision. 0 if none is needed, or none helps.
    is_lost : bool
        Whether single precision loses most values, with the offset too.
    """

    offset: float = 0.0
    is_lost: bool = False

    @classmethod
    def of(cls, values):
        """Count the different values before and after rounding to single precision.

        A few values far away, as a 0 for a missing time, do not change the result.

        Parameters
        ----------
        values : ndarray of shape (n_values,)
            Values of the column, without missing ones.

        Returns
        -------
        precision : Precision
        """
        distinct = np.unique(values[:: -(-len(values) // _MOST_VALUES) or 1])
        if distinct.size < 3:
            return cls()
        if distinct.dtype == np.float32:
            # Lost digits are unknown. Neighbouring numbers of the type betray them.
            centre, spread = _centre_and_spread(distinct)
            step = np.spacing(np.float32(abs(centre)))
            return cls(0.0, spread <= _FEW_STEPS * step)
        kept = _n_distinct(distinct)
        if kept >= _LEAST_SHARE * distinct.size:
            return cls()
        centre, spread = _centre_and_spread(distinct)
        step = 2.0 ** np.floor(np.log2(max(spread, np.spacing(abs(centre)))))
        offset = float(np.round(centre / step) * step)
        shifted = distinct - offset
        if np.abs(shifted).max() > np.finfo(np.float32).max:
            return cls(0.0, True)
        left = _n_distinct(shifted)
        is_lost = left < _LEAST_SHARE * distinct.size
        return cls(offset if left >= _GAIN * kept else 0.0, is_lost)


def warn_lost(names, advice):
    """Warn that single precision loses most values of some columns.

    Parameters
    ----------
    names : list of str or int
        Names of these columns. Nothing happens if there are none.
    advice : str
        Remedy, for the end of the message.

    Warns
    -----
    UserWarning
        If there are such columns.
    """
    if not names:
        return
    listed = ", ".join(str(name) for name in names[:_MOST_NAMES])
    more = len(names) - _MOST_NAMES
    listed += f" and {more} more" if more > 0 else ""
    warn(
        f"single precision, in which the student computes, hardly tells the values of "
        f"columns of X apart: {listed}. {advice}"
    )


def lost_columns(X):
    """Return the numbers of the sparse columns that single precision loses.

    Parameters
    ----------
    X : CSR of shape (n_rows, n_columns)
        Rows. At most 200,000 of their entries are looked at.

    Returns
    -------
    columns : list of int
    """
    values, columns = X.data, X.indices
    if values.dtype == np.float32:
        return []
    if values.size > _MOST_ENTRIES:
        drawn = np.random.RandomState(0).randint(values.size, size=_MOST_ENTRIES)
        values, columns = values[drawn], columns[drawn]
    rounded = values.astype(np.float32)
    if (rounded == values).all():
        return []
    order = np.lexsort((values, columns))
    values, columns, rounded = values[order], columns[order], rounded[order]
    starts = np.ones(values.size, dtype=bool)
    starts[1:] = columns[1:] != columns[:-1]
    numbers = columns[starts]
    group = np.cumsum(starts) - 1
    starts[1:] |= values[1:] != values[:-1]
    before = np.bincount(group, weights=starts)
    kept = np.ones(values.size, dtype=bool)
    kept[1:] = (rounded[1:] != rounded[:-1]) | (group[1:] != group[:-1])
    after = np.bincount(group, weights=kept)
    return numbers[(before >= 3) & (after < _LEAST_SHARE * before)].tolist()


def _n_distinct(ordered):
    """Return the number of different values of ordered values in single precision."""
    return 1 + np.count_nonzero(np.diff(ordered.astype(np.float32)))


def _centre_and_spread(distinct):
    """Return the median of ordered values, and how near the nearest quarter is."""
    centre = float(distinct[(distinct.size - 1) // 2])
    return centre, float(np.quantile(np.abs(distinct - centre), 0.25))
