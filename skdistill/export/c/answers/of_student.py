"""The answers of a header in C, by the kind of the student's output."""

from skdistill.export.c.answers.base import HeaderAnswers
from skdistill.export.c.answers.classes import ClassAnswers
from skdistill.export.c.answers.label_sets import LabelSetAnswers
from skdistill.export.c.answers.numbers import NumberAnswers
from skdistill.student.student import Student

_ANSWERS: dict[str, type[HeaderAnswers]] = {
    "classes": ClassAnswers,
    "numbers": NumberAnswers,
    "label_sets": LabelSetAnswers,
}


def answers_of(student: Student) -> HeaderAnswers:
    """Return the answers of a student's header.

    Parameters
    ----------
    student : Student

    Returns
    -------
    found : HeaderAnswers
    """
    return _ANSWERS[student.output.kind](student)
