"""Find the column of an answer that belongs to a label."""

import numpy as np
from sklearn.utils import column_or_1d


def label_columns(labels, classes):
    """Return the column of each label.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Labels of the rows.
    classes : array-like of shape (n_classes,)
        Labels of the columns, in any order.

    Returns
    -------
    columns : ndarray of shape (n_samples,), int, or None
        Column number of each label. None if a label is not among the classes.
    """
    labels, classes = np.asarray(labels), np.asarray(classes)
    if not np.isin(labels, classes).all():
        return None
    order = np.argsort(classes)
    return order[np.searchsorted(classes, labels, sorter=order)]


def known_columns(labels, classes, name):
    """Return the column of each label; raise if a label is not among the classes.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Labels of the rows.
    classes : ndarray of shape (n_classes,)
        Labels of the columns, in any order.
    name : str
        Name of the labels in the error.

    Returns
    -------
    columns : ndarray of shape (n_samples,), int
        Column numbers.

    Raises
    ------
    ValueError
        If a label is not among the classes.
    """
    labels = column_or_1d(labels)
    unknown = sorted(set(labels.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise ValueError(
            f"{name} holds the label {unknown[0]!r}, which is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return label_columns(labels, classes)
