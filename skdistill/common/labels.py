"""Find the column of an answer that belongs to a label."""

import numpy as np


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
