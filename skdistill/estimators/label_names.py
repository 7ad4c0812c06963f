"""Names of labels and of targets: those of the columns of a data frame as y."""

from typing import Any

from skdistill.tables.in_memory import in_memory
from skdistill.teachers.answers import column_names


def names_of_y(y: Any) -> list[str] | None:
    """Return the names of the columns of y as texts, if they have names.

    Parameters
    ----------
    y : array-like or DataFrame of n_samples rows, or None

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
            f"y has several columns named {twice!r:.60}: give each another name"
        )
    return names


def check_order_of_columns(y: Any, task: Any) -> None:
    """Raise if y has the columns of a fit in another order, or some of them alone.

    Parameters
    ----------
    y : array-like or DataFrame of n_samples rows, or None
    task : Task
        Task of the fit.

    Raises
    ------
    ValueError
        If the columns of y have names of the labels or targets that were learned, in
        another order or beside other names. If they have none of these names, their
        places count.
    """
    wanted = list(task.names)
    found = names_of_y(y) if wanted else None
    if not found or found == wanted or set(found).isdisjoint(wanted):
        return
    if set(found) == set(wanted):
        raise ValueError(
            f"y has the columns in the order {found!r:.200}, and the student answers "
            f"in the order {wanted!r:.200}: give y[{wanted!r:.200}]"
        )
    if len(found) == len(wanted):
        raise ValueError(
            f"y has the columns {found!r:.200}, and the student answers for "
            f"{wanted!r:.200}: give the same columns in the same order"
        )
