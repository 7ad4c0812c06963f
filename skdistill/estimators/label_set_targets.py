"""The form of y of a classifier: one label for each row, or a set of labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.sklearn_compat import check_y
from skdistill.common.text import counted
from skdistill.common.warn import warn
from skdistill.estimators.label_checks import WHOLE_Y_NEEDED, are_shares
from skdistill.estimators.label_names import names_of_y
from skdistill.estimators.number_targets import (
    cells_of_y,
    missing_cells,
    rows_of_two_lengths,
)
from skdistill.estimators.targets import FEW_ROWS, ClassTargets, held
from skdistill.tables.sparse import as_csr, is_sparse
from skdistill.tasks.label_sets import LabelSetting
from skdistill.teachers.label_sets import in_one_array

_FROM_LISTS = (
    "If a row is a list of its labels, give "
    "sklearn.preprocessing.MultiLabelBinarizer().fit_transform(y)"
)
_SPLIT_IN_CLASSES = (
    "Several targets with classes of their own need a student each: "
    "MultiOutputClassifier(DistilledClassifier())"
)

_WHOLE_ROWS_NEEDED = "A row has all of its labels, or none and belongs into X_unlabeled"


class LabelSetTargets:
    """A y of 0 and 1 for each of several labels."""

    kind = LabelSetting.kind

    def check(self, y: Any, advice: str = _WHOLE_ROWS_NEEDED) -> None:
        """Raise if y holds other values than 0 and 1.

        Parameters
        ----------
        y : array-like of shape (n_samples, n_labels)
        advice : str, default="A row has all of its labels, or none and belongs ..."
            Sentence on rows without labels, without the full stop.

        Raises
        ------
        ValueError
            If y holds probabilities, or classes of several targets, if all of its
            labels or some labels of a row are missing, or if a column has the name of
            another.
        """
        names_of_y(y)
        cells = _cells(y)
        missing = missing_cells(cells)
        if missing.size and missing.all():
            raise ValueError(
                f"Input y contains NaN or None alone: none of its {len(cells)} rows "
                "has labels. Give labels, or a teacher that needs none: a fitted one, "
                "or stored answers"
            )
        if missing.any():
            rows = missing.any(axis=1)
            n_rows = np.count_nonzero(rows)
            raise ValueError(
                f"Input y contains NaN or None: {n_rows} of {len(cells)} rows "
                f"{'lacks' if n_rows == 1 else 'lack'} labels, the first of them row "
                f"{rows.argmax()}. {advice}"
            )
        found = _other_values(cells)
        if not found:
            return
        shown = ", ".join(f"{value!r:.40}" for value in found[:3])
        if all(isinstance(value, float) and 0 < value < 1 for value in found):
            raise ValueError(
                f"y has shape {cells.shape} and holds {shown}: labels are 0 or 1. If "
                'these are probabilities, pass them with teacher="precomputed", as '
                "teacher_proba, and labels as y"
            )
        raise ValueError(
            f"y should be a 1d array, got an array of shape {cells.shape} instead, "
            f"which holds {shown}. For label sets give 0 and 1. {_FROM_LISTS}. "
            f"{_SPLIT_IN_CLASSES}. "
            "If its columns are the votes of annotators, give VotesTeacher() as the "
            "teacher, and the votes as teacher_y"
        )

    def check_whole(self, y: Any, advice: str = WHOLE_Y_NEEDED) -> None:
        """Raise if y, with which a student is scored, lacks labels of some rows."""
        self.check(y, advice)

    def check_teachable(self, y: NDArray[Any]) -> None:
        """Do nothing: a teacher can learn from any sets."""

    def to_score(self, y: Any) -> NDArray[np.intp]:
        """Return y, none of which is missing, as students are scored on it."""
        return self.of_one_type(y).astype(np.intp)

    def checked_answers(self, answers: Any, y: NDArray[Any]) -> NDArray[Any]:
        """Return stored answers for labelled rows."""
        name = ClassTargets.answers_name
        answers = in_one_array(answers, name)
        return LabelSetting(y.shape[1]).check_answers(answers, len(y), name)

    def check_known(self, y: NDArray[Any], estimator: Any) -> None:
        """Raise if validation rows have another number of labels than the others."""
        n_labels = estimator.task_.n_columns
        if y.ndim != 2 or y.shape[1] != n_labels:
            raise ValueError(
                f"y of the validation rows has shape {y.shape}, and that of the other "
                f"rows {n_labels} labels: give as many"
            )

    def strata(self, y: NDArray[Any]) -> NDArray[np.intp]:
        """Return one stratum for all rows."""
        return np.zeros(len(y), dtype=np.intp)

    def as_answers(self, y: Any, estimator: Any) -> dict[str, NDArray[np.float64]]:
        """Return label sets as stored answers, by the argument of `fit`."""
        return {ClassTargets.answers_name: self.to_score(y).astype(np.float64)}

    def checked(self, y: Any, estimator: Any) -> NDArray[np.intp]:
        """Return y as an array of 0 and 1, checked as scikit-learn does."""
        y = check_y(self.of_one_type(y), multi_output=True, estimator=estimator)
        return y.astype(np.intp)

    def warn_if_y_tells_little(self, y: NDArray[np.intp], part: str = "") -> None:
        """Warn about labels that all rows have or none, and about rows with one label.

        Parameters
        ----------
        y : ndarray of shape (n_samples, n_labels)
        part : str, default=""
            Words for these rows if others come later: see `gather_data`.
        """
        of, unless = "", ""
        if part:
            of, unless = f" of {part}", ", unless other rows tell otherwise"
        totals, n_rows = y.sum(axis=0), len(y)
        for near, rows in ((0, f"no row{of} has"), (1, f"all rows{of} have")):
            columns = np.flatnonzero(totals == near * n_rows).tolist()
            if columns:
                others = ", nor those of" if near == 0 else ", and those of"
                warn(
                    f"{rows} the label of column {columns[0]} of y"
                    + (f"{others} {columns[1:]!r:.60}" if columns[1:] else "")
                    + f": its probability will be near {near} for any row{unless}"
                )
        if (y.sum(axis=1) == 1).all() and n_rows > 1:
            warn(
                f"each row{of} has a single 1 in y. It is taken as label sets: each "
                "label counts by itself, and a row may get several or none. If each "
                "row has one class, give y.argmax(axis=1)"
            )

    def task_of_part(self, task: Any, y: NDArray[np.intp]) -> Any:
        """Return the task of a part of the rows. Raise if it has other labels."""
        if y.shape[1] != task.n_columns:
            raise ValueError(
                f"y has {counted(y.shape[1], 'label')}, and that of the first call had "
                f"{task.n_columns}: give a column for each of these labels, in the "
                "same order, in each call"
            )
        return task

    def missing(self, y: Any) -> NDArray[np.intp]:
        """Return the numbers of the rows that have none of their labels."""
        return np.flatnonzero(missing_cells(_cells(y)).all(axis=1))

    def of_one_type(self, y: Any) -> NDArray[Any]:
        """Return an indicator matrix, of which no cell is missing, as an array."""
        cells = _cells(y)
        return np.array(cells.tolist()) if cells.dtype == object else cells

    def warn_few_rows(
        self, n_given: int, n_unlabeled: int, output: Any, fits_teacher: bool
    ) -> None:
        """Warn if there are few rows: see `ClassTargets.warn_few_rows`."""
        n_rows = n_given if fits_teacher else n_given + n_unlabeled
        if n_rows < FEW_ROWS:
            holder = held(n_given, 0 if fits_teacher else n_unlabeled)
            warn(
                f"{holder}: a student that learns from so few may give probabilities "
                "near 0 and 1 that are wrong. Give more rows, with or without labels"
            )


class ClassifierTargets(ClassTargets):
    """A y of a classifier: one label for each row, or a set of labels."""

    _label_sets = LabelSetTargets()
    _classes = ClassTargets()

    def of(self, y: Any) -> LabelSetTargets | ClassTargets:
        """Return the form that y has.

        Parameters
        ----------
        y : array-like
            With several columns it holds label sets. If each row holds shares of 1,
            some of them between 0 and 1, they are probabilities of classes.

        Returns
        -------
        targets : LabelSetTargets or ClassTargets

        Raises
        ------
        ValueError
            If y holds lists of labels, is a sparse column, or is no array-like.
        """
        cells = _cells(y)
        _check_no_lists(cells, y)
        is_table = cells.ndim == 2 and cells.shape[1] > 1
        if is_sparse(y) and not is_table:
            raise ValueError(
                f"y is a {type(y).__name__} of shape {y.shape}, and only label sets "
                "may be sparse: give one label for each row, y.toarray().ravel()"
            )
        if not is_table or not len(cells) or are_shares(cells):
            return self._classes
        return self._label_sets

    def check(self, y: Any) -> None:
        """Raise if y holds neither labels nor sets of them."""
        self.of(y).check(y)

    def check_whole(self, y: Any, advice: str = WHOLE_Y_NEEDED) -> None:
        """Raise if y lacks labels of some rows."""
        self.of(y).check_whole(y, advice)

    def check_teachable(self, y: NDArray[Any]) -> None:
        """Raise if no teacher can learn from y."""
        self.of(y).check_teachable(y)

    def checked(self, y: Any, estimator: Any) -> NDArray[Any]:
        """Return y as an array, checked as scikit-learn does."""
        return self.of(y).checked(y, estimator)

    def to_score(self, y: Any) -> NDArray[Any]:
        """Return y, none of which is missing, as students are scored on it."""
        return self.of(y).to_score(y)

    def checked_answers(self, answers: Any, y: NDArray[Any]) -> NDArray[Any]:
        """Return stored answers for labelled rows."""
        return self.of(y).checked_answers(answers, y)

    def check_known(self, y: NDArray[Any], estimator: Any) -> None:
        """Raise if a validation row has a label that no other row has."""
        is_sets = estimator.task_.kind == LabelSetting.kind
        targets = self._label_sets if is_sets else self._classes
        targets.check_known(y, estimator)

    def strata(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the stratum of each row, of which both parts of a split have some."""
        return self.of(y).strata(y)

    def as_answers(self, y: Any, estimator: Any) -> dict[str, NDArray[np.float64]]:
        """Return labels as stored answers of a teacher, by the argument of `fit`."""
        return self.of(y).as_answers(y, estimator)

    def missing(self, y: Any) -> NDArray[np.intp] | None:
        """Return the numbers of the rows without labels, or None if y has none."""
        return self.of(y).missing(y)

    def of_one_type(self, y: Any) -> NDArray[Any]:
        """Return labels, none of which is missing, as an array of one type."""
        return self.of(y).of_one_type(y)

    def warn_if_y_tells_little(self, y: NDArray[Any], part: str = "") -> None:
        """Warn about labels that teach nothing."""
        self.of(y).warn_if_y_tells_little(y, part)

    def task_of_part(self, task: Any, y: NDArray[Any] | None) -> Any:
        """Return the task of a part of the rows. Raise if y sets another one."""
        if y is None:
            return task
        targets = self.of(y)
        if targets.kind != task.kind:
            forms = {
                "classes": "one label for each row, of shape (n_samples,)",
                "label_sets": "label sets, 0 and 1 of shape (n_samples, n_labels)",
            }
            raise ValueError(
                f"y holds {forms[targets.kind]}, and that of the first call held "
                f"{forms[task.kind]}: give the same form in each call, or call fit, "
                "which begins anew"
            )
        return targets.task_of_part(task, y)

    def warn_few_rows(
        self, n_given: int, n_unlabeled: int, output: Any, fits_teacher: bool
    ) -> None:
        """Warn if there are few rows: see `ClassTargets.warn_few_rows`."""
        is_sets = output.kind == LabelSetting.kind
        targets = self._label_sets if is_sets else self._classes
        targets.warn_few_rows(n_given, n_unlabeled, output, fits_teacher)


def _cells(y: Any) -> Any:
    """Return the cells of y as an array, or None if its rows differ in length."""
    return cells_of_y(as_csr(y, "y").toarray() if is_sparse(y) else y)


def _check_no_lists(cells, y):
    """Raise if the rows of y are lists, or sets, of labels; cells are those of y."""
    lists: Any = ()
    if cells is None:
        lists = rows_of_two_lengths(y)
    elif cells.dtype == object and cells.ndim == 1:
        is_list = (list, tuple, set, frozenset, np.ndarray)
        lists = [cell for cell in cells if isinstance(cell, is_list)][:2]
    if lists:
        shown = " and ".join(f"{row!r:.40}" for row in lists)
        raise ValueError(
            f"y holds lists of labels, such as {shown}: label sets are given as 0 and "
            f"1 for each label, of shape (n_samples, n_labels). {_FROM_LISTS}"
        )


def _other_values(cells):
    """Return the values that are neither 0 nor 1, each once."""
    if cells.dtype.kind == "c":
        return np.unique(cells).tolist()
    if cells.dtype.kind in "biuf":
        return np.unique(cells[(cells != 0) & (cells != 1)]).tolist()
    others = [cell for cell in cells.ravel().tolist() if cell not in (0, 1)]
    return list(dict.fromkeys(others))
