"""The arguments of `fit`, and the rows that have no label among them."""

from numbers import Number
from typing import Any, NamedTuple, Self

import numpy as np

from skdistill.common.sklearn_compat import num_samples, safe_indexing
from skdistill.common.text import counted
from skdistill.estimators.teachers_rows import teachers_rows
from skdistill.tables.in_memory import in_memory
from skdistill.tables.read import is_pandas, is_polars
from skdistill.tables.sparse import is_sparse
from skdistill.teachers.answers import check_column_order
from skdistill.teachers.label_sets import in_one_array


class FitArguments(NamedTuple):
    """The arguments of `fit`, as the user gave them: see `Distillation.fit`.

    Attributes
    ----------
    X : table of shape (n_samples, n_features)
        Rows of the student.
    y : array-like of shape (n_samples,) or None
        Labels.
    sample_weight : array-like of shape (n_samples,) or None
        Weights of the rows.
    teacher_proba : array-like of shape (n_samples, n_classes) or None
        Stored answers of a teacher. For label sets also a list of arrays, one for each
        label.
    X_unlabeled : table of shape (n_unlabeled, n_features) or None
        Rows without labels.
    teacher_X : array-like of n_samples rows or None
        Rows of the teacher, if it reads others than the student.
    teacher_y : array-like of n_samples rows or None
        Labels or votes of the teacher, if it is fitted on others than the student.
    teacher_X_unlabeled : array-like of n_unlabeled rows or None
        Rows of the teacher without labels.
    teacher_proba_unlabeled : array-like of shape (n_unlabeled, n_classes) or None
        Stored answers for the rows without labels.
    params : dict or None
        Other arguments.
    answers_name : str, default="teacher_proba"
        Name under which the user gives stored answers.
    """

    X: Any
    y: Any = None
    sample_weight: Any = None
    teacher_proba: Any = None
    X_unlabeled: Any = None
    teacher_X: Any = None
    teacher_y: Any = None
    teacher_X_unlabeled: Any = None
    teacher_proba_unlabeled: Any = None
    params: Any = None
    answers_name: str = "teacher_proba"

    def in_memory(self) -> Self:
        """Return the arguments as arrays and frames that can be cut.

        A table that a tuple or a list holds alone takes the place of the tuple.

        Raises
        ------
        ValueError
            If rows of the teacher's own have no rows, or if stored answers are a list
            of arrays that do not tell the probability of each label.
        """
        values = {name: getattr(self, name) for name in _TABLES}
        values |= {name: _whole_table(getattr(self, name)) for name in _UNLABELED}
        for name, value in values.items():
            if name in ("teacher_X", "teacher_X_unlabeled") and value is not None:
                values[name] = teachers_rows(value, name)
            elif name.startswith("teacher_proba"):
                values[name] = in_memory(in_one_array(value, self.name_of(name)))
            else:
                values[name] = in_memory(value)
        if hasattr(self.y, "null_count") and hasattr(self.y, "to_list"):
            # A series of polars. As an array, integers beside a null would be floats.
            values["y"] = self.y.to_list()
        return self._replace(**values)

    def name_of(self, field: str) -> str:
        """Return the name under which the user gives an argument."""
        return field.replace("teacher_proba", self.answers_name)

    def check_lengths(self) -> None:
        """Raise if an argument of the teacher has not as many rows as the student's.

        Raises
        ------
        ValueError
            If lengths differ, or if the teacher lacks rows that the student has.
        """
        check_rows_of("teacher_X", self.teacher_X, "X", self.X)
        check_rows_of("teacher_y", self.teacher_y, "X", self.X)
        unlabeled = self.X_unlabeled
        for name in _UNLABELED[1:]:
            if getattr(self, name) is not None and unlabeled is None:
                raise ValueError(
                    f"{self.name_of(name)} was passed without X_unlabeled, the rows of "
                    "the student that belong to it: pass both, or neither"
                )
            name, value = self.name_of(name), getattr(self, name)
            check_rows_of(name, value, "X_unlabeled", unlabeled)
        if unlabeled is not None and self.teacher_X is not None:
            if self.teacher_X_unlabeled is None:
                raise ValueError(
                    "teacher_X and X_unlabeled were passed without "
                    "teacher_X_unlabeled: the teacher needs its own rows for those "
                    "without labels too"
                )
        elif self.teacher_X_unlabeled is not None:
            raise ValueError(
                "teacher_X_unlabeled was passed without teacher_X, the teacher's rows "
                "that belong to X: pass both, or neither"
            )

    def check_columns(self, estimator: Any) -> None:
        """Raise if stored answers have the columns of y in another order.

        Columns of classes are told apart by their names.

        Parameters
        ----------
        estimator : Distillation
            Estimator that is fitted.

        Raises
        ------
        ValueError
            The message names the argument and both orders.
        """
        stored, more = self.teacher_proba, self.teacher_proba_unlabeled
        if stored is None or estimator.kind_of_task(self.y) == "classes":
            return
        name, other = self.answers_name, self.name_of("teacher_proba_unlabeled")
        check_column_order(self.y, stored, name)
        check_column_order(self.y, more, other)
        check_column_order(stored, more, other, name)

    def take(self, rows: np.ndarray) -> Self:
        """Return the arguments for some of the rows of X, and for no others.

        Parameters
        ----------
        rows : ndarray of shape (n,), int
            Row numbers.

        Returns
        -------
        arguments : FitArguments
            All arguments with a row for each row of X, cut. `params` are as given.
        """
        cut: dict[str, Any] = {
            name: safe_indexing(getattr(self, name), rows)
            for name in _TABLES
            if not _is_for_all_rows(getattr(self, name))
        }
        nothing: dict[str, Any] = dict.fromkeys(_UNLABELED)
        return self._replace(**cut, **nothing)


_TABLES = ("X", "y", "sample_weight", "teacher_proba", "teacher_X", "teacher_y")
_UNLABELED = ("X_unlabeled", "teacher_X_unlabeled", "teacher_proba_unlabeled")


class LabelledPart(NamedTuple):
    """The rows of X with a label, and those without.

    Attributes
    ----------
    labelled : FitArguments
        Arguments for the rows with a label, or for all rows if none has one.
    numbers : ndarray of shape (n_labelled,), int, or None, default=None
        Numbers of these rows in X. None for all.
    apart : FitArguments or None, default=None
        Arguments for the rows that have no label, if others have one.
    numbers_apart : ndarray of shape (n_apart,), int, or None, default=None
        Numbers of these rows in X.
    """

    labelled: FitArguments
    numbers: np.ndarray | None = None
    apart: FitArguments | None = None
    numbers_apart: np.ndarray | None = None


def part_by_label(arguments: FitArguments, targets: Any) -> LabelledPart:
    """Set apart the rows of X whose label is missing: None, NaN or hidden by a mask.

    Parameters
    ----------
    arguments : FitArguments
        Arguments in memory.
    targets : ClassTargets or NumberTargets
        Form of y.

    Returns
    -------
    part : LabelledPart
        If no row has a label, all rows stay together, and y is None.
    """
    y = arguments.y
    missing = None if y is None else targets.missing(y)
    if missing is None:
        return LabelledPart(arguments)  # Later checks refuse a y of another shape.
    if missing.size == 0:
        if getattr(y, "dtype", None) == np.dtype(object):
            # Labels of a fold, which may be whole by chance.
            arguments = arguments._replace(y=targets.of_one_type(y))
        return LabelledPart(arguments)
    for name in ("y", "sample_weight", "teacher_proba"):
        value = getattr(arguments, name)
        check_rows_of(arguments.name_of(name), value, "X", arguments.X)
    n_samples = num_samples(y)
    if missing.size == n_samples:
        return LabelledPart(arguments._replace(y=None))
    found = np.setdiff1d(np.arange(n_samples), missing)
    # Cut with its mask, a masked array keeps its type.
    labelled = arguments.take(found)
    labelled = labelled._replace(
        y=targets.of_one_type(labelled.y),
        **{name: getattr(arguments, name) for name in _UNLABELED},
    )
    apart = arguments.take(missing)._replace(y=None)
    return LabelledPart(labelled, found, apart, missing)


def check_rows_of(name: str, value: Any, other_name: str, other: Any) -> None:
    """Raise if a value is given and has not as many rows as another one.

    Parameters
    ----------
    name, other_name : str
        Names of the values in the error.
    value, other : array-like or None
        Values with a row for each row. None stands for a value that was not given.

    Raises
    ------
    ValueError
        If the numbers of rows differ.
    """
    if _is_for_all_rows(value) or other is None:
        return
    n_rows, n_others = num_samples(value), num_samples(other)
    if n_rows != n_others:
        raise ValueError(
            f"{name} has {counted(n_rows, 'row')}, and {other_name} has {n_others}: "
            f"give a row of {name} for each row of {other_name}, in the same order"
        )


def _is_for_all_rows(value):
    """Tell whether a value was not given, or is one number for all rows."""
    return value is None or isinstance(value, Number)


def _whole_table(unlabeled):
    """Return the table that a tuple or a list holds alone, or the table itself.

    The cells of a row are no tables, so no list of rows is taken for such a tuple. A
    list in a tuple is a table too: it may hold texts, or lists of tokens.
    """
    if isinstance(unlabeled, tuple | list) and len(unlabeled) == 1:
        (alone,) = unlabeled
        if is_sparse(alone) or is_pandas(alone) or is_polars(alone):
            return alone
        if isinstance(unlabeled, tuple) and _is_column(alone):
            return alone
        if len(np.shape(alone)) >= 2:
            return alone
    return unlabeled


def _is_column(alone):
    """Tell whether the only element of a tuple is a list of rows, or an array."""
    return isinstance(alone, list) or len(getattr(alone, "shape", ())) > 0
