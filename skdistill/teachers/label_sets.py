"""Teachers that answer with label sets: how many labels, and their probabilities.

Models say it in several ways. A forest, neighbours and `MultiOutputClassifier` have a
list of classes for each label, and answer with a list of arrays. A network and
`OneVsRestClassifier` answer with one array.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.frozen import FrozenEstimator

from skdistill.common.labels import holds_text

_LABEL_CLASSES = {0, 1}


def n_labels_of(source: Any) -> int | None:
    """Return the number of labels or outputs that a fitted model answers for.

    Parameters
    ----------
    source : object
        Fitted model, a pipeline or a search that ends in one, or any other object.

    Returns
    -------
    n_labels : int or None
        None unless the model shows that it answers for several labels.
    """
    model = last_model(source)
    classes: Any = getattr(model, "classes_", None)
    if has_classes_of_outputs(classes):
        return len(classes)
    if getattr(model, "multilabel_", False) is True:  # `OneVsRestClassifier`
        return len(classes)
    n_outputs = getattr(model, "n_outputs_", 1)
    # A network of two classes has one logistic output.
    is_network = getattr(model, "out_activation_", "") == "logistic"
    return int(n_outputs) if is_network and n_outputs > 1 else None


def has_classes_of_outputs(classes: Any) -> bool:
    """Tell whether an attribute `classes_` has the classes of several outputs."""
    return isinstance(classes, list) and any(np.ndim(labels) for labels in classes)


def classes_of_columns(
    classes: Any, model: Any, kind: str, name: str
) -> NDArray[Any] | None:
    """Return the classes, or the names of labels, of the columns of answers.

    Parameters
    ----------
    classes : array-like or None
        Attribute `classes_` of a teacher.
    model : object
        Model that answers for the teacher, or None.
    kind : str
        Kind of the task that the teacher answers.
    name : str
        Name of the teacher in errors.

    Returns
    -------
    classes : ndarray or None
        None if label sets are learned from a model of several labels that has numbers
        in place of names: its columns are in the order of the labels.

    Raises
    ------
    ValueError
        If classes are learned from a model of several labels.
    """
    n_labels = n_labels_of(model)
    if kind == "label_sets":
        if classes is None or has_classes_of_outputs(classes) or np.ndim(classes) != 1:
            return None
        classes = np.asarray(classes)
        return classes if n_labels is None or holds_text(classes) else None
    if n_labels is not None:
        raise several_outputs(name, n_labels)
    return np.asarray(classes)


def is_answer_of_outputs(answer: Any) -> bool:
    """Tell whether an answer is a list with an array for each of several outputs."""
    return isinstance(answer, list) and bool(answer) and np.ndim(answer[0]) > 1


def probabilities_of_labels(
    answer: Any, classes: Any, name: str
) -> NDArray[np.floating]:
    """Return the probability of each label from a list of answers.

    Parameters
    ----------
    answer : list of array-like of shape (n_rows, n_classes) or (n_rows, 1)
        Probabilities of the classes of each label.
    classes : list of array-like, or None
        Classes of each label. A label that the model saw in no row has the class 0
        alone, and one that it saw in all rows the class 1. If they are not known, two
        columns are those of 0 and 1, and one is that of 1.
    name : str
        Name of the teacher in errors.

    Returns
    -------
    probabilities : ndarray of shape (n_rows, n_labels)

    Raises
    ------
    ValueError
        If a label has other classes than 0 and 1.
    """
    tables = [np.asarray(table) for table in answer]
    if not has_classes_of_outputs(classes) or len(classes) != len(tables):
        _check_classes_are_clear(tables, name)
        classes = [[0, 1][-table.shape[1] :] for table in tables]
    columns = []
    for label, (table, known) in enumerate(zip(tables, classes, strict=True)):
        known = np.asarray(known).tolist()
        if not set(known) <= _LABEL_CLASSES or table.shape[1:] != (len(known),):
            raise ValueError(
                f"the teacher, {name}, answers for output {label} with the classes "
                f"{known!r:.100}, in an array of shape {table.shape}. Outputs that are "
                "labels have the classes 0 and 1. Several targets with classes of "
                "their own need a student each: MultiOutputClassifier("
                "DistilledClassifier())"
            )
        absent = np.zeros(len(table))
        columns.append(table[:, known.index(1)] if 1 in known else absent)
    return np.column_stack(columns)


def _check_classes_are_clear(tables, name):
    """Raise if the one column of a table may be that of the class 0, or of 1.

    The model saw one class alone if other tables have two columns, or if the column is
    1 in all rows. Otherwise it is the column of 1.
    """
    widths = [table.shape[1] for table in tables]
    is_alone = len(set(widths)) > 1
    for output, table in enumerate(tables):
        if widths[output] == 1 and (is_alone or (len(table) and (table == 1.0).all())):
            how = "and for others with two" if is_alone else "which is 1 in all rows"
            raise ValueError(
                f"the teacher, {name}, answers for output {output} with one column, "
                f"{how}. It saw one class alone, and it is not known whether this is 0 "
                "or 1: give an array of shape (n_samples, n_labels) with the "
                "probability of each label"
            )


def in_one_array(stored: Any, name: str) -> Any:
    """Return stored answers as they are, but a list for each label as one array.

    Parameters
    ----------
    stored : array-like, or list of array-like of shape (n_rows, n_classes)
    name : str
        Name of the answers in errors.

    Returns
    -------
    stored : array-like
    """
    if not is_answer_of_outputs(stored):
        return stored
    return probabilities_of_labels(stored, None, f"stored as {name}")


def several_outputs(name: str, n_outputs: int) -> ValueError:
    """Return the error for a teacher of several outputs and a task of one label."""
    return ValueError(
        f"the teacher, {name}, predicts {n_outputs} outputs, and one label for each "
        "row is learned. For a teacher of label sets give y as 0 and 1, of shape "
        f"(n_samples, {n_outputs}). Without y, give a fitted model of label sets, and "
        "not its method"
    )


def last_model(source: Any) -> Any:
    """Return the model at the end of a pipeline, a search or a frozen estimator.

    Parameters
    ----------
    source : object

    Returns
    -------
    model : object
        The object itself if it is none of these.
    """
    while True:
        if isinstance(source, FrozenEstimator):
            source = source.estimator
        elif hasattr(source, "best_estimator_"):
            source = source.best_estimator_
        elif hasattr(source, "steps"):
            source = source.steps[-1][1]
        else:
            return source
