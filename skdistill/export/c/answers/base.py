"""The interface of the answers of a header in C.

In all sources, ``@`` stands for the prefix of all names.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from skdistill.student.student import Student


class Answers(ABC):
    """Base class of the answers of a header, by the kind of the student's output.

    Parameters
    ----------
    student : Student
    """

    #: Name of the values of the output units in C.
    units: ClassVar[str] = "logits"
    #: Comment before the function that writes these values.
    about_units: ClassVar[str]
    #: Sentences about what the functions do, and the subject of the next sentence.
    about_functions: ClassVar[str]
    subject: ClassVar[str] = "They"

    def __init__(self, student: Student) -> None:
        self.student = student
        self.output: Any = student.output

    @property
    @abstractmethod
    def title(self) -> str:
        """Name of the student, with ``{inputs}`` for its columns or terms."""

    @property
    @abstractmethod
    def sizes(self) -> list[tuple[str, str]]:
        """Constants of an enumeration, each with a comment or an empty text."""

    @property
    @abstractmethod
    def listing(self) -> str:
        """Heading of a list of answers, and a line about each."""

    @abstractmethod
    def usage(self, arguments: str) -> list[str]:
        """Return lines of C that call the functions in floats, and use the results.

        Parameters
        ----------
        arguments : str
            First arguments of the functions: a row, or texts.

        Returns
        -------
        lines : list of str
        """

    def labels(self, prefix: str) -> list[str]:
        """Return the function that returns labels, if there are labels.

        Raises
        ------
        ValueError, TypeError
            If a label cannot be written in C.
        """
        return []

    @abstractmethod
    def of_floats(self) -> str:
        """Return the functions of a header in floats."""

    @abstractmethod
    def of_texts(self, parameters: str, arguments: str) -> str:
        """Return the functions that take texts.

        They call ``@_encode``, and the functions of `of_floats` under the name
        ``@_answer`` in place of ``@_predict``.
        """


def enumerated(sizes: list[tuple[str, str]], ending: str = "") -> str:
    """Return constants of an enumeration as lines.

    Parameters
    ----------
    sizes : list of tuple of two str
        Constants, each with a comment or an empty text.
    ending : str, default=""
        End of the last constant: a comma if other constants follow.

    Returns
    -------
    lines : str
    """
    lines = [f"    {size}," for size, _ in sizes]
    lines[-1] = f"    {sizes[-1][0]}{ending}"
    comments = [f" /* {words} */" if words else "" for _, words in sizes]
    return "\n".join(map("".join, zip(lines, comments, strict=True)))
