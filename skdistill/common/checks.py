"""Checks that several folders share, and the draft of an estimator that is fitted."""

from contextlib import contextmanager

import numpy as np


@contextmanager
def all_or_nothing(estimator):
    """Return a context that sets the attributes of an estimator at once, or not at all.

    The block sets attributes of a draft, a copy of the estimator. At its end one
    assignment gives all attributes to the estimator. If the block raises an error or is
    interrupted, however often, the estimator stays as it was: there is nothing to undo.

    Parameters
    ----------
    estimator : estimator

    Yields
    ------
    draft : estimator
        Copy of the estimator, with attributes of its own.
    """
    draft = object.__new__(type(estimator))
    vars(draft).update(vars(estimator))
    yield draft
    estimator.__dict__ = vars(draft)


def check_not_empty(estimator, shape):
    """Raise an error, in scikit-learn's words, if a table has no row or no column.

    Parameters
    ----------
    estimator : estimator
        Estimator that the message names.
    shape : tuple of int
        Number of rows and number of columns.

    Raises
    ------
    ValueError
        If one of the two numbers is zero.
    """
    for size, unit in zip(shape, ("sample(s)", "feature(s)"), strict=True):
        if size == 0:
            raise ValueError(
                f"Found array with 0 {unit} (shape={shape}) while a minimum of 1 is "
                f"required by {type(estimator).__name__}."
            )


def column_of(pos_label, classes):
    """Return the column of a label.

    Parameters
    ----------
    pos_label : label
    classes : ndarray of shape (n_classes,)
        Labels of the columns.

    Returns
    -------
    column : int

    Raises
    ------
    ValueError
        If the label is not among the classes.
    """
    columns = np.flatnonzero(classes == pos_label)
    if columns.size != 1:
        raise ValueError(
            f"pos_label={pos_label!r} is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return int(columns[0])
