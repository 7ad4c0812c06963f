"""Labels of classes: their order, and the columns of an answer that belong to them.

scikit-learn is imported where it is used: exports also run where NumPy is alone.
"""

import numpy as np

# Column of a label that is not among the classes.
NO_CLASS = -1

# Label of a row that has no label, as tasks of classes encode it.
NO_LABEL = -1


def is_labelled(labels):
    """Tell for each row whether it has a label.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,), int, or (n_rows, n_targets), float
        Labels as a task encodes them. A class is the number of its column, and
        `NO_LABEL` if there is none. Numbers and sets of labels have a column for each
        target, and NaN if there is none.

    Returns
    -------
    is_labelled : ndarray of shape (n_rows,), bool
    """
    if labels.ndim == 1:
        return labels >= 0
    return ~np.isnan(labels).any(axis=1)


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
        Column number of each label. None if a label is not among the classes. Text
        and numbers are never the same label.
    """
    labels, classes = np.asarray(labels), np.asarray(classes)
    if labels.size == 0:
        return np.empty(0, dtype=np.intp)
    # NumPy would turn numbers into text to compare them with text.
    if holds_text(labels) != holds_text(classes) or not np.isin(labels, classes).all():
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
    labels = _one_column(labels)
    unknown = sorted(set(labels.tolist()) - set(classes.tolist()), key=str)
    if unknown:
        raise ValueError(
            f"{name} holds the label {unknown[0]!r}, which is not among the classes "
            f"{classes.tolist()!r:.200}"
        )
    return label_columns(labels, classes)


def matching_columns(classes, names):
    """Return the column that belongs to each class, by the names of all columns.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        Labels.
    names : array-like of shape (n_columns,)
        Names of the columns: the labels in any order, or their text, such as "0" for 0
        and for 0.0.

    Returns
    -------
    columns : ndarray of shape (n_classes,), int, or None
        Column number of each class. None if the names are not those of the classes.
    """
    classes, names = _as_list(classes), _as_list(names)
    if len(classes) != len(names):
        return None
    for form in (lambda label: label, str, text_of_label):
        places = {form(name): column for column, name in enumerate(names)}
        columns = [places.get(form(label)) for label in classes]
        if None not in columns and len(set(columns)) == len(names):
            return np.array(columns)
    return None


def classes_by_name(labels, names):
    """Return the classes that the names of columns tell beside those that labels have.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Labels of rows, of which none may be of a rare class.
    names : list of label
        Names of the columns, one for each class: labels, or their text.

    Returns
    -------
    classes : ndarray of shape (n_names,) or None
        Names, with the type of the labels. None unless there are more names than
        classes in the labels, and all labels are among the names.
    """
    found, known = np.unique(labels), np.asarray(names)
    if len(found) >= len(known):
        return None
    if label_columns(found, known) is None:
        try:
            known = known.astype(str if holds_text(found) else found.dtype)
        except (TypeError, ValueError):
            return None
    is_complete = len(np.unique(known)) == len(names)
    return known if is_complete and label_columns(found, known) is not None else None


def text_of_label(label):
    """Return the text of a label, without a fraction of zero."""
    is_whole = isinstance(label, float) and label.is_integer()
    return str(int(label)) if is_whole else str(label)


def decided_columns(labels, classes, known=None):
    """Return the column of each label that a model called out, in any form of labels.

    Parameters
    ----------
    labels : array-like of shape (n_samples,)
        Labels, their text, or their places among the classes of the model. Truth values
        are places too, unless they are classes.
    classes : ndarray of shape (n_classes,)
        Labels of the columns, sorted.
    known : array-like of shape (n_classes,) or None, default=None
        Classes of the model, in its order. None if it does not tell them.

    Returns
    -------
    columns : ndarray of shape (n_samples,), int, or None
        Column number of each label. None if a label is no class in any form.
    """
    labels, classes = np.asarray(labels), np.asarray(classes)
    if labels.dtype == object and not holds_text(labels):
        labels = np.array(labels.tolist())
    truths = labels.dtype.kind == "b" and classes.dtype.kind != "b"
    columns = None
    if not truths or set(classes.tolist()) >= {0, 1}:
        columns = label_columns(labels, classes)
    if columns is None:
        columns = _columns_of_text(labels, classes)
    if columns is not None:
        return columns
    places = np.arange(len(classes))
    if not (holds_text(classes) or (truths and np.array_equal(places, [0, 1]))):
        return None
    if labels.dtype.kind not in "biuf" or not np.isin(labels, places).all():
        return None
    order = None if known is None else matching_columns(known, classes)
    return (places if order is None else order)[labels.astype(np.intp)]


def _columns_of_text(labels, classes):
    """Return the column of each label by its text, or None."""
    column_of = {str(label): column for column, label in enumerate(classes.tolist())}
    columns = [column_of.get(str(label)) for label in labels.tolist()]
    if None in columns or len(column_of) < len(classes):
        return None
    return np.array(columns, dtype=np.intp)


def sorted_labels(labels, name):
    """Return the labels of columns in sorted order.

    Parameters
    ----------
    labels : array-like of shape (n_columns,)
        Labels.
    name : str
        Name of the labels in errors.

    Returns
    -------
    labels : ndarray of shape (n_columns,)

    Raises
    ------
    ValueError
        If a label comes twice, or if text and numbers are mixed.
    """
    labels = np.asarray(labels)
    try:
        in_order = np.unique(labels)
    except TypeError as error:
        raise ValueError(
            f"{name} mixes text and numbers, {labels.tolist()!r:.200}: give labels of "
            "one type"
        ) from error
    if len(in_order) < labels.size:
        raise ValueError(f"{name} holds a label twice: {labels.tolist()!r:.200}")
    return in_order


def holds_text(labels):
    """Tell whether an array of labels holds text."""
    return labels.dtype.kind in "US" or (
        labels.dtype == object and any(isinstance(label, str) for label in labels.flat)
    )


def _one_column(labels):
    """Return labels as an array of one dimension."""
    from sklearn.utils import column_or_1d

    return column_or_1d(labels)


def _as_list(labels):
    """Return labels as a list of Python's types."""
    return labels.tolist() if hasattr(labels, "tolist") else list(labels)


def columns_if_known(labels, classes, name):
    """Return the column of each label, or `NO_CLASS`; raise if no label is known.

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
        Column numbers, `NO_CLASS` for a label that is not among the classes.

    Raises
    ------
    ValueError
        If no label is among the classes.
    """
    labels = _one_column(labels)
    column_of = {label: column for column, label in enumerate(classes.tolist())}
    columns = np.array([column_of.get(label, NO_CLASS) for label in labels.tolist()])
    if (columns == NO_CLASS).all():
        # Raises, because the first label is not known.
        known_columns(labels[:1], classes, name)
    return columns
