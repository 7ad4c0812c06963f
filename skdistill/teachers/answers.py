"""A teacher's answers as an array, with the names that their columns have."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from skdistill.tables.in_memory import in_memory
from skdistill.tables.sparse import as_csr, is_sparse


class _Words(NamedTuple):
    """Words of errors about answers to one kind of task."""

    masked: str
    wanted: str
    columns: str
    real: str
    truths: str


_WORDS = {
    "classes": _Words(
        "a probability for each class of each row",
        "Probabilities are needed, not labels",
        "as the classes, or an array with a column for each class",
        "probabilities are real numbers",
        "these are decisions, and probabilities are needed. Give predict_proba in "
        "place of predict, or leave out the comparison with a threshold",
    ),
    "numbers": _Words(
        "a number for each target of each row",
        "Numbers are needed, not texts",
        "as the targets, or an array with a column for each target",
        "real numbers are needed",
        "numbers are needed. Leave out the comparison with a threshold, or tell the "
        "two classes apart with DistilledClassifier",
    ),
}


class Answers(NamedTuple):
    """Answers of a teacher, as it gave them, in memory of their own.

    Attributes
    ----------
    values : ndarray of shape (n_rows, n_columns) or (n_rows,)
        Answers for the rows.
    names : list or None
        Names of the columns of a frame. None if the columns have no names. Names that a
        library made, such as 0 and 1 or "column_0", do not count.
    classes : ndarray of shape (n_columns,) or None
        Labels of the columns as the teacher's `classes_` has them.
    numbers : ndarray of shape (n_rows,), int, or None
        Numbers of the rows in errors, if the user gave more rows than these.
    n_passed : int or None
        Number of rows that the user gave, if they are more than these.
    """

    values: np.ndarray
    names: list | None = None
    classes: np.ndarray | None = None
    numbers: np.ndarray | None = None
    n_passed: int | None = None

    def number_of(self, row: int) -> int:
        """Return the number of a row as the user counts."""
        return row if self.numbers is None else int(self.numbers[row])

    @property
    def names_of_classes(self) -> list | None:
        """Names of the columns, if there is a column for each class."""
        return None if self.names is None or len(self.names) == 1 else self.names


def read_answers(answers: Any, name: str, kind: str = "classes") -> Answers:
    """Return answers as an array and names, neither of which the teacher can alter.

    Parameters
    ----------
    answers : array-like, DataFrame, Series or Answers
        Answers of a teacher.
    name : str
        Name of the answers in errors.
    kind : str, default="classes"
        Kind of the task that they answer. Errors say what it needs.

    Returns
    -------
    answers : Answers

    Raises
    ------
    ValueError
        If the answers are no array of real numbers, or if some are masked.
    """
    if isinstance(answers, Answers):
        return answers
    answers, words = in_memory(answers), _WORDS.get(kind, _WORDS["classes"])
    if is_sparse(answers):
        answers = as_csr(answers, name.removesuffix(",")).toarray()
    if np.ma.is_masked(answers):
        raise ValueError(
            f"{name} is a masked array, and some of its values are hidden: give "
            f"{words.masked}"
        )
    try:
        values = np.array(answers)
    except (RuntimeError, TypeError, ValueError) as error:
        raise unreadable(name, error) from error
    _check_type(answers, values, name, words)
    if values.dtype not in (np.float32, np.float64):
        try:
            values = values.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} is not numeric: {error}. {words.wanted}"
            ) from error
    return Answers(values, column_names(answers))


def unreadable(name: str, error: Exception) -> ValueError:
    """Return the error for answers that are no array, such as a tensor of bfloat16."""
    return ValueError(f"{name} cannot be read as an array: {error}")


def _check_type(answers, values, name, words):
    """Raise if answers are no array, or if their type is not that of real numbers."""
    is_records = isinstance(answers, (list, tuple)) and any(
        isinstance(row, dict) for row in answers
    )
    if isinstance(answers, dict) or is_records or values.dtype.kind == "V":
        raise ValueError(
            f"{name} is a {type(answers).__name__} of columns with names: give a data "
            "frame, pandas.DataFrame(answers), whose columns are named "
            f"{words.columns}"
        )
    if values.dtype.kind in "cmM":
        raise ValueError(f"{name} holds values of type {values.dtype}: {words.real}")
    if values.dtype.kind == "b":
        raise ValueError(f"{name} holds truth values: {words.truths}")


def check_order(answers, X, name):
    """Raise if answers have the rows of X in another order, by an index of pandas.

    Parameters
    ----------
    answers : array-like, DataFrame or Series
        Answers for the rows.
    X : table of shape (n_samples, n_features)
        Rows.
    name : str
        Name of the answers in errors.

    Raises
    ------
    ValueError
        If the index is that of X in another order. An index 0, 1, ... that pandas made
        tells no order.
    """
    index = getattr(answers, "index", None) if hasattr(answers, "iloc") else None
    if index is None:
        return
    rows = getattr(X, "index", None) if hasattr(X, "iloc") else None
    is_range = type(index).__name__ == "RangeIndex"
    made = is_range and (index.start, index.step) == (0, 1)
    if made or (rows is not None and index.equals(rows)):
        return
    found = index.tolist()
    wanted = list(range(len(found))) if rows is None else rows.tolist()
    if found != wanted and len(found) == len(wanted) and set(found) == set(wanted):
        raise ValueError(
            f"{name} has the rows of X in another order, by its index, which begins "
            f"with {found[:3]!r:.100}, and that of X with {wanted[:3]!r:.100}. Give "
            "the rows in the order of X: answers.loc[X.index]. If they are in that "
            "order, give an array: answers.to_numpy()"
        )


def check_column_order(y: Any, answers: Any, name: str, of: str = "y") -> None:
    """Raise if answers have other columns than y, or another order, by their names.

    Parameters
    ----------
    y : array-like of shape (n_samples,) or (n_samples, n_targets), or None
    answers : array-like or None
        Answers for the rows.
    name : str
        Name of the answers in errors.
    of : str, default="y"
        Name of y in errors.

    Raises
    ------
    ValueError
        If both have several columns, as many, with the same names in another order or
        with other names. The names 0, 1, ... are places.
    """
    wanted, found = column_names(in_memory(y)), column_names(in_memory(answers))
    if not wanted or not found or wanted == found:
        return
    if len(wanted) == len(found) and set(wanted) == set(found):
        raise ValueError(
            f"{name} has the columns in the order {found!r:.200}, and {of} has "
            f"{wanted!r:.200}: give {name}[{of}.columns]"
        )
    if len(wanted) == len(found) > 1:
        _check_places(found, wanted, name, of)


def check_names(found: Sequence[str], names: Sequence[str], name: str, of: str) -> None:
    """Raise if columns of answers have other names than those to learn.

    Parameters
    ----------
    found : sequence of str
        Names of the columns, none of them if they have no names.
    names : sequence of str
        Names of the labels or targets. The numbers 0, 1, ... are places, as in `found`.
    name : str
        Name of the answers in errors.
    of : {"labels", "targets"}
        Name of the columns in errors.

    Raises
    ------
    ValueError
        If the names are others, or in another order. One column counts by its place.
    """
    found, wanted = list(found), list(names)
    if found == wanted or len(found) != len(wanted) or len(found) < 2:
        return
    if sorted(found) == sorted(wanted):
        raise ValueError(
            f"{name} has the columns in the order {found!r:.200}, and the {of} are in "
            f"the order {wanted!r:.200}: give them in this order"
        )
    _check_places(found, wanted, name, "y")


def _check_places(found, wanted, name, of):
    """Raise unless some of the names, which differ, are the numbers of the columns."""
    places = list(map(str, range(len(wanted))))
    if places in (list(map(str, found)), list(map(str, wanted))):
        return
    raise ValueError(
        f"{name} has the columns {found!r:.200}, and {of} has "
        f"{wanted!r:.200}: give the columns the same names, in the same order, or give "
        "an array, whose columns count by their places"
    )


def join_answers(parts: Sequence[Answers], name: str) -> Answers:
    """Return the answers for several blocks of rows as one.

    Parameters
    ----------
    parts : sequence of Answers
        Answers for each block.
    name : str
        Name of the answers in errors.

    Returns
    -------
    answers : Answers

    Raises
    ------
    ValueError
        If the blocks differ in the number or the names of their columns.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    widths = {part.values.shape[1:] for part in parts}
    if len(widths) > 1:
        raise ValueError(f"{name} has rows of different lengths, {sorted(widths)}")
    for part in parts:
        if part.names != first.names:
            raise ValueError(
                f"{name} has other names of columns for some rows: "
                f"{first.names!r:.200} and {part.names!r:.200}"
            )
    return first._replace(values=np.concatenate([part.values for part in parts]))


def column_names(answers):
    """Return the names of the columns of a frame or of a Series, if it has any.

    Parameters
    ----------
    answers : array-like, DataFrame or Series

    Returns
    -------
    names : list or None
        None also for names that a library made, such as 0 and 1 or "column_0".
    """
    columns = getattr(answers, "columns", None)
    if columns is None:
        name = getattr(answers, "name", None) if hasattr(answers, "to_numpy") else None
        return None if name is None or name == "" else [name]
    names = columns.tolist() if hasattr(columns, "tolist") else list(columns)
    numbers = list(range(len(names)))
    made = type(columns).__name__ == "RangeIndex" and names == numbers
    return None if made or names == [f"column_{i}" for i in numbers] else names
