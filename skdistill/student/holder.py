"""Estimators that hold a student."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skdistill.student.student import Student


class StudentHolder:
    """An estimator that publishes a student once it is fitted."""

    student_: "Student"
