"""The base class of estimators that hold a student."""

from skdistill.student.student import Student


class StudentHolder:
    """Base class of estimators that have a student once they are fitted.

    The exporters recognise such an estimator, and take it in place of a student.

    Attributes
    ----------
    student_ : Student
        Student of the fitted estimator.
    """

    student_: Student
