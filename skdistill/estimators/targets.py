"""The form of y: what an estimator of classes takes, and what one of numbers takes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets

from skdistill.common.sklearn_compat import check_y
from skdistill.common.text import counted
from skdistill.common.warn import warn
from skdistill.estimators.label_checks import (
    WHOLE_Y_NEEDED,
    check_all_labelled,
    check_among_classes,
    check_labels,
    check_teachable,
    missing_labels,
    of_one_type,
)
from skdistill.estimators.label_names import names_of_y
from skdistill.estimators.number_targets import (
    check_numbers_of_y,
    missing_numbers,
    numbers_of_y,
    warn_of_constant_numbers,
)
from skdistill.tables.cells import without_mask
from skdistill.tasks.check_numbers import check_numbers
from skdistill.tasks.classes import Classification

# Fewer rows than these are hardly ever meant.
FEW_ROWS = 10


class ClassTargets:
    """A y of one label for each row."""

    kind = "classes"

    #: Words for a teacher's answers, and the argument of `fit` that takes them.
    answers = "probabilities"
    answers_name = "teacher_proba"

    #: Words for what a teacher is fitted on.
    labels = "labels or votes"

    def to_score(self, y: Any) -> NDArray[Any]:
        """Return y, none of which is missing, as students are scored on it."""
        return column_or_1d(y)

    def checked_answers(self, answers: Any, y: NDArray[Any]) -> NDArray[Any]:
        """Return stored answers for labelled rows, whose labels are all classes."""
        task = Classification(np.unique(y))
        return task.check_answers(answers, len(y), self.answers_name)

    def check_known(self, y: NDArray[Any], estimator: Any) -> None:
        """Raise if a validation row has a label that no other row has."""
        classes = estimator.classes_
        unknown = np.setdiff1d(y, classes)
        if unknown.size:
            raise ValueError(
                f"the validation rows hold the label {unknown.tolist()[0]!r}, which no "
                f"other row has. The labels of the others are {classes.tolist()!r:.200}"
            )

    def strata(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return the stratum of each row, of which both parts of a split have some."""
        return y

    def check(self, y: Any) -> None:
        """Raise if y holds no labels: see `check_labels`."""
        check_labels(y)

    def check_whole(self, y: Any, advice: str = WHOLE_Y_NEEDED) -> None:
        """Raise if y, with which a student is scored, lacks labels of some rows.

        Parameters
        ----------
        y : array-like of n_samples rows
        advice : str, default=WHOLE_Y_NEEDED
            Sentence on such rows, without the full stop.
        """
        check_all_labelled(y, advice)

    def check_teachable(self, y: NDArray[Any]) -> None:
        """Raise if no teacher can learn from y: see `check_teachable`."""
        check_teachable(y)

    def checked(self, y: Any, estimator: Any) -> NDArray[Any]:
        """Return y as an array of labels, checked as scikit-learn does."""
        y = column_or_1d(check_y(y, estimator=estimator))
        try:
            check_classification_targets(y)
        except ValueError as error:
            raise ValueError(
                f"{str(error).removesuffix('.')}. For numbers to predict use "
                "DistilledRegressor"
            ) from error
        return y

    def warn_if_y_tells_little(self, y: NDArray[Any], part: str = "") -> None:
        """Do nothing: labels of one class are refused."""

    def missing(self, y: Any) -> NDArray[np.intp] | None:
        """Return the numbers of the rows without a label, or None if y has no labels.

        Rows of probabilities are none: a later check refuses them.
        """
        is_column = np.prod(np.shape(y)[1:]) == 1
        return missing_labels(without_mask(y)) if is_column else None

    def task_of_part(self, task: Any, y: NDArray[Any] | None) -> Any:
        """Return the task of a part of the rows. Raise if it has another label."""
        check_among_classes(y, task.output.labels)
        return task

    def of_one_type(self, y: Any) -> NDArray[Any]:
        """Return labels, none of which is missing, as numbers or texts."""
        return of_one_type(y)

    def as_answers(self, y: Any, estimator: Any) -> dict[str, NDArray[np.float64]]:
        """Return labels as stored answers of a teacher, by the argument of `fit`.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
        estimator : DistilledClassifier
            Fitted estimator.
        """
        is_class = np.asarray(y)[:, np.newaxis] == estimator.classes_
        return {self.answers_name: is_class.astype(np.float64)}

    def warn_few_rows(
        self, n_given: int, n_unlabeled: int, output: Any, fits_teacher: bool
    ) -> None:
        """Warn if there are few rows, or no more than one for each class.

        Parameters
        ----------
        n_given, n_unlabeled : int
            Number of rows in X, and of those in X_unlabeled.
        output : Classes
            Classes that the student learns.
        fits_teacher : bool
            Whether the teacher was fitted on X and y.
        """
        n_rows = n_given + n_unlabeled
        holder = held(n_given, n_unlabeled)
        if n_rows <= output.n_columns:
            warn(
                f"{holder} for {output}: the student can hardly learn a class of which "
                "it gets one row or none. Give more rows, with or without labels"
            )
        elif fits_teacher and n_given < FEW_ROWS:
            warn(
                f"X holds {n_given} rows: a teacher and a student that learn from so "
                "few may give probabilities near 0 and 1 that are wrong. Give more "
                "labelled rows, or a fitted teacher and X_unlabeled"
            )
        elif n_rows < FEW_ROWS:
            warn(
                f"{holder}: a student that learns from so few may give probabilities "
                "near 0 and 1 that are wrong. Give more rows, with or without labels"
            )


class NumberTargets:
    """A y of one number or several for each row."""

    #: Words for a teacher's answers, and the argument of `fit` that takes them.
    answers = "numbers"
    answers_name = "teacher_prediction"

    labels = "numbers"

    def check_whole(self, y: Any, advice: str = WHOLE_Y_NEEDED) -> None:
        """Raise if y, with which a student is scored, lacks numbers, or holds others.

        See `ClassTargets.check_whole`.
        """
        own = ClassTargets.answers_name
        check_numbers_of_y(y, advice.replace(own, self.answers_name))

    def to_score(self, y: Any) -> NDArray[np.float64]:
        """Return y, none of which is missing, as students are scored on it."""
        return check_array(y, dtype=np.float64, ensure_2d=False, input_name="y")

    def checked_answers(self, answers: Any, y: NDArray[Any]) -> NDArray[Any]:
        """Return stored answers for rows with numbers."""
        return check_numbers(answers, len(y), None, self.answers_name)

    def check_known(self, y: NDArray[Any], estimator: Any) -> None:
        """Do nothing: a student may answer with any number."""

    def strata(self, y: NDArray[Any]) -> NDArray[Any]:
        """Return one stratum for all rows."""
        return np.zeros(len(y), dtype=np.intp)

    def check(self, y: Any) -> None:
        """Raise if y holds no numbers, or if two columns have one name."""
        names_of_y(y)
        check_numbers_of_y(y)

    def check_teachable(self, y: NDArray[Any]) -> None:
        """Do nothing: a teacher can learn from any numbers."""

    def checked(self, y: Any, estimator: Any) -> NDArray[np.float64]:
        """Return y as an array of finite numbers: see `numbers_of_y`."""
        return numbers_of_y(y, estimator)

    def warn_if_y_tells_little(self, y: NDArray[Any], part: str = "") -> None:
        """Warn about targets of one number: see `warn_of_constant_numbers`."""
        warn_of_constant_numbers(y, part)

    def missing(self, y: Any) -> NDArray[np.intp]:
        """Return the numbers of the rows that have none of their numbers."""
        return missing_numbers(y)

    def task_of_part(self, task: Any, y: NDArray[Any] | None) -> Any:
        """Return the task of a part of the rows, with a range that holds their y."""
        if y is None:
            return task
        columns = y.reshape(len(y), -1)
        n_targets = 1 if task.quantiles else task.n_columns
        if columns.shape[1] != n_targets:
            raise ValueError(
                f"y has {counted(columns.shape[1], 'target')}, and that of the first "
                f"call had {n_targets}: give the same targets in each call"
            )
        return task.widened(np.repeat(columns, task.n_columns // n_targets, axis=1))

    def of_one_type(self, y: Any) -> NDArray[np.float64]:
        """Return numbers, none of which is missing, as an array of them."""
        return np.asarray(y, dtype=np.float64)

    def as_answers(self, y: Any, estimator: Any) -> dict[str, NDArray[np.float64]]:
        """Return numbers as stored answers of a teacher, by the argument of `fit`.

        Parameters
        ----------
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
        estimator : DistilledRegressor
            Fitted estimator.
        """
        columns = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        shape = (len(columns), estimator.task_.n_columns)
        return {self.answers_name: np.broadcast_to(columns, shape).copy()}

    def warn_few_rows(
        self, n_given: int, n_unlabeled: int, output: Any, fits_teacher: bool
    ) -> None:
        """Warn if there are few rows.

        Parameters
        ----------
        n_given, n_unlabeled : int
            Number of rows in X, and of those in X_unlabeled.
        output : Numbers
            Numbers that the student learns.
        fits_teacher : bool
            Whether the teacher was fitted on X and y.
        """
        n_rows = n_given if fits_teacher else n_given + n_unlabeled
        if n_rows < FEW_ROWS:
            holder = held(n_given, 0 if fits_teacher else n_unlabeled)
            warn(
                f"{holder}: a student that learns from so few may answer with numbers "
                "that are far off between them. Give more rows, with or without labels"
            )


def held(n_given: int, n_unlabeled: int) -> str:
    """Return the words on the number of rows."""
    n_rows = n_given + n_unlabeled
    amount = "one row" if n_rows == 1 else f"{n_rows} rows"
    holder = "X and X_unlabeled hold together" if n_unlabeled else "X holds"
    return f"{holder} {amount}"
