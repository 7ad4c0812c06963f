"""Names of labels: those of the columns of a data frame as y."""

from typing import Any

from skdistill.tables.in_memory import in_memory
from skdistill.teachers.answers import column_names


def names_of_labels(y: Any) -> list[str] | None:
    """Return the names of the columns of label sets as texts, if they have names.

    Parameters
    ----------
    y : array-like or DataFrame of shape (n_samples, n_labels), or None

    Returns
    -------
    names : list of str, or None
        None also for names that a library made, such as 0 and 1.

    Raises
    ------
    ValueError
        If two columns have the same name.
    """
    names = column_names(in_memory(y))
    if names is None:
        return None
    names = [str(name) for name in names]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f"y has several columns named {twice!r:.60}: give each label another name"
        )
    return names


def check_order_of_labels(y: Any, output: Any) -> None:
    """Raise if y has the labels of a student in another order, or some of them alone.

    Parameters
    ----------
    y : array-like or DataFrame of n_samples rows, or None
    output : Output
        Output of the student.

    Raises
    ------
    ValueError
        If the columns of y have names of the student's labels, in another order or
        beside other names. If they have none of these names, their places count.
    """
    if output.kind != "label_sets":
        return
    found, wanted = names_of_labels(y), [str(label) for label in output.labels.tolist()]
    if not found or found == wanted or set(found).isdisjoint(wanted):
        return
    if set(found) == set(wanted):
        raise ValueError(
            f"y has the labels in the order {found!r:.200}, and the student answers "
            f"in the order {wanted!r:.200}: give y[{wanted!r:.200}]"
        )
    if len(found) == len(wanted):
        raise ValueError(
            f"y has the labels {found!r:.200}, and the student answers for "
            f"{wanted!r:.200}: give the same labels in the same order"
        )
