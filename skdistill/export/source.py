"""The student to export: that of an estimator, or a student itself."""

from typing import Any

import numpy as np

from skdistill.student.holder import StudentHolder
from skdistill.student.student import Student


def student_of(model: Any) -> Student:
    """Return the student to export.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator, whose `student_` is returned, or a student.

    Returns
    -------
    student : Student

    Raises
    ------
    TypeError
        If model is neither an estimator with a student nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    """
    student = getattr(model, "student_", model)
    if isinstance(student, Student):
        return student
    if isinstance(model, StudentHolder):
        # Imported here, because a student is also exported without scikit-learn.
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(model, "student_")
    _refuse_wrapper(model)
    raise TypeError(
        f"model is a {type(model).__name__}: give a fitted DistilledClassifier or its "
        "student_"
    )


def _refuse_wrapper(model):
    """Raise the error of a pipeline or a search, which holds an estimator."""
    # Both are known by their attributes: scikit-learn may not be installed.
    if hasattr(model, "best_estimator_"):
        raise TypeError(
            f"model is a {type(model).__name__}, which holds the fitted estimator: "
            "give its best_estimator_"
        )
    if isinstance(getattr(model, "steps", None), list):
        raise TypeError(
            f"model is a {type(model).__name__}, whose steps before the last may "
            "change the rows, and an export holds the student alone: give its last "
            "step, model[-1], and rows as model[:-1].transform(X) returns them"
        )


def refuse_offsets(model: Any, rows: str) -> None:
    """Raise if a column needs double precision, which rows of an export do not have.

    Parameters
    ----------
    model : DistilledClassifier or Student
        Model to export.
    rows : str
        Kind of the rows, for the message.

    Raises
    ------
    ValueError
        If the student subtracts an offset from a column that it uses.
    """
    student = student_of(model)
    code, offsets = student.input_code, student.offsets_
    if offsets is None:
        return
    far = np.flatnonzero(offsets)
    if code is not None:
        far = np.intersect1d(far, np.concatenate([code.linear, code.knotted]))
    if far.size:
        names = getattr(model, "feature_names_in_", range(len(offsets)))
        raise ValueError(
            f"column {names[far[0]]!r} has values near {offsets[far[0]]:.6g}, too far "
            f"from 0 for their differences, and {rows} are float32, which hardly tells "
            "them apart: subtract a constant from it before fit "
            f"({far.size} such columns)"
        )
