"""What is exported: the student of an estimator, or a student as it is."""

from typing import Any

from skdistill.student.student import Student


def student_of(model: Any) -> Student:
    """Return the student to export.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator, whose `student_` is taken, or a student.

    Returns
    -------
    student : Student

    Raises
    ------
    TypeError
        Where model is neither.
    sklearn.exceptions.NotFittedError
        Where the estimator is not fitted.
    """
    student = getattr(model, "student_", model)
    if isinstance(student, Student):
        return student
    if hasattr(model, "__sklearn_tags__"):
        # Here only: a student is exported where scikit-learn is not installed, too.
        from sklearn.utils.validation import check_is_fitted

        from skdistill.estimators.classifier import DistilledClassifier

        if isinstance(model, DistilledClassifier):
            check_is_fitted(model, "student_")
    raise TypeError(
        f"model is a {type(model).__name__}: give a fitted DistilledClassifier or its "
        "student_"
    )
