"""Means, deviations and offsets of the columns of a raw table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from skdistill.inputs.precision import Precision, warn_lost
from skdistill.inputs.standardization import (
    check_precision,
    is_far,
    offsets_of,
    unit_of,
    varying_columns,
)
from skdistill.tables.read import CodedColumn


def moments_of(columns: Sequence[CodedColumn]) -> tuple[Any, Any, Any, list]:
    """Return mean, deviation and offset of each column of numbers, and the columns.

    Mean and deviation are NaN for a category, and if all values are missing. The
    deviation of a constant column is 1. A column that is as good as constant becomes
    constant. The offsets are subtracted from the columns.

    Parameters
    ----------
    columns : sequence of CodedColumn

    Returns
    -------
    mean, scale, offsets : ndarray of shape (n_columns,)
    columns : list of CodedColumn

    Raises
    ------
    ValueError
        If a column varies too little for single precision.
    """
    mean, scale = np.full((2, len(columns)), np.nan)
    deviation = np.zeros(len(columns))
    for feature, column in enumerate(columns):
        if column.labels is not None:
            continue
        present = column.values[~np.isnan(column.values)].astype(np.float64)
        if not present.size:
            continue
        mean[feature], scale[feature] = present[0], 1.0
        if present.min() != present.max():
            unit = unit_of(np.abs(present).max())
            present /= unit
            mean[feature] = present.mean() * unit
            deviation[feature] = scale[feature] = present.std() * unit
    names = [column.name for column in columns]
    varies = varying_columns(names, deviation)
    columns = list(columns)
    for feature in np.flatnonzero((deviation > 0) & ~varies).tolist():
        scale[feature] = 1.0
        values = columns[feature].values
        values = np.where(np.isnan(values), np.nan, mean[feature])
        columns[feature] = columns[feature]._replace(values=values)
    single = np.array([column.values.dtype == np.float32 for column in columns], bool)
    check_precision(names, mean, scale, varies, single)
    offsets = offsets_of(mean, scale, varies)
    lost: list = []
    for feature in np.flatnonzero(varies & ~is_far(mean, scale, varies)).tolist():
        values = columns[feature].values
        offsets[feature], is_lost = Precision.of(values[~np.isnan(values)])
        lost += [names[feature]] if is_lost else []
    warn_lost(
        lost,
        "No single offset mends this. Give the column as float64, split it into parts "
        "of one size, or take logarithms",
    )
    for feature in np.flatnonzero(offsets).tolist():
        values = columns[feature].values.astype(np.float64) - offsets[feature]
        columns[feature] = columns[feature]._replace(values=values)
    return mean, scale, offsets, columns
