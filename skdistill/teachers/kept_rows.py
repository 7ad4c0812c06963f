"""Tell whether a fitted model keeps the rows that it was fitted on."""

import numpy as np

from skdistill.tables.own_copy import own_copy
from skdistill.teachers.out_of_bag import take_apart

# How many objects within one another to look into, how many parts of a list or dict,
# and how many objects, lists and dicts in all.
_DEEPEST = 4
_MOST_PARTS = 50
_MOST_LOOKED_AT = 10_000

# A model that keeps fewer rows than this does not count.
_FEWEST_ROWS = 10


def keeps_rows(teacher, X, y, kind="classes"):
    """Tell whether a model keeps these rows, or their labels in this order.

    Models that answer by comparing rows do: nearest neighbours, Gaussian processes,
    support vector machines, and models that read their training rows anew for each
    question. The arrays of the model are compared with the rows and with the labels. So
    the answer is False for a model that was fitted on other rows.

    Parameters
    ----------
    teacher : object
        Fitted model. It may be the last step of a pipeline, and may be frozen.
    X : table of shape (n_samples, n_features)
        Rows as the user gave them.
    y : ndarray of shape (n_samples,) or (n_samples, n_targets)
        Labels.
    kind : str, default="classes"
        Kind of the task. Numbers may be kept in another unit, and classes by other
        names.

    Returns
    -------
    bool
    """
    are_kept = _are_numbers if kind == "numbers" else _are_labels
    transformers, model = take_apart(teacher)
    for transformer in transformers:
        X = transformer.transform(own_copy(X))
    try:
        rows = np.ascontiguousarray(X, dtype=np.float64)
    except (TypeError, ValueError):
        rows = np.empty((0, 0))  # Text or sparse rows: the labels tell.
    known = {row.tobytes() for row in rows + 0.0}
    return any(
        are_kept(array, y) or _are_rows(array, rows.shape[1], known)
        for array in _arrays(model)
    )


def _arrays(model):
    """Yield the arrays in the attributes of a model, and of the objects in them."""
    seen: set[int] = set()
    parts = [(model, _DEEPEST)]
    while parts and len(seen) < _MOST_LOOKED_AT:
        part, depth = parts.pop()
        if isinstance(part, np.ndarray):
            yield part
            continue
        if depth < 0 or id(part) in seen or isinstance(part, type | str | bytes):
            continue
        seen.add(id(part))
        if isinstance(part, dict):
            inner = list(part.values())[:_MOST_PARTS]
        elif isinstance(part, list | tuple):
            inner = part[:_MOST_PARTS]
        else:
            inner = list(getattr(part, "__dict__", {}).values())
            depth -= 1
        parts.extend((one, depth) for one in inner)


def _are_labels(array, y):
    """Tell whether an array holds the labels of the rows, by whatever names.

    For label sets it may hold one label of each row: a model for each keeps its own.
    """
    if y.ndim == 2 and array.shape != y.shape:
        return any(_are_labels(array, of_label) for of_label in y.T)
    if array.shape not in (y.shape, (len(y), 1)) or array.dtype.kind not in "biufUSO":
        return False
    try:
        names, codes = np.unique(array.ravel(), return_inverse=True)
    except TypeError:
        return False  # Objects of several kinds have no order.
    labels, wanted = np.unique(y, return_inverse=True)
    if not 1 < names.size == labels.size:
        return False
    pairs = np.unique(np.column_stack([codes.ravel(), wanted.ravel()]), axis=0)
    return len(pairs) == labels.size


def _are_numbers(array, y):
    """Tell whether an array holds the numbers of the rows, in whatever unit."""
    if array.size != y.size or len(array) != len(y) or array.dtype.kind not in "iuf":
        return False
    pairs = (_in_deviations(part.reshape(len(y), -1)) for part in (array, y))
    kept, wanted = pairs
    return kept is not None and wanted is not None and np.allclose(kept, wanted)


def _in_deviations(columns):
    """Return columns less their means, by their deviations. None if one is constant."""
    columns = columns.astype(np.float64)
    deviations = columns.std(axis=0)
    if not (np.isfinite(deviations) & (deviations > 0)).all():
        return None
    return (columns - columns.mean(axis=0)) / deviations


def _are_rows(array, n_columns, known):
    """Tell whether all rows of an array are known."""
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        return False
    if len(array) < _FEWEST_ROWS or array.shape[1] != n_columns or not n_columns:
        return False
    rows = np.ascontiguousarray(array, dtype=np.float64) + 0.0
    return all(row.tobytes() in known for row in rows)
