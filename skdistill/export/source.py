"""The student to export: that of an estimator, or a student itself."""

from typing import Any

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
    raise TypeError(
        f"model is a {type(model).__name__}: give a fitted DistilledClassifier or its "
        "student_"
    )
