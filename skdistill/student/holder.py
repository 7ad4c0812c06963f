"""The base class by which estimators that hold a student are told from others."""

from skdistill.student.student import Student


class StudentHolder:
    """Base class of estimators that publish their student when they are fitted.

    The exporters take such an estimator in place of a student.

    Attributes
    ----------
    student_ : Student
        The student, once the estimator is fitted.
    """

    student_: Student
