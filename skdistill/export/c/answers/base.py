"""The interface of the answers of a header in C.

In all sources, ``@`` stands for the prefix of all names.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from numpy.typing import NDArray

from skdistill.export.c.answers.power import TO_LOGIT
from skdistill.student.student import Student

Define = Callable[[str, NDArray[Any]], str]


class HeaderAnswers(ABC):
    """Base class of the answers of a header, by the kind of the student's output.

    Parameters
    ----------
    student : Student
    """

    #: Name of the values of the output units in C.
    units: ClassVar[str] = "logits"
    #: Name of these values in sentences.
    units_in_words: ClassVar[str] = "logits"
    #: Whether the functions in floats call ``@_exponential``.
    uses_exponential: ClassVar[bool] = True
    #: Comment before the function that writes these values.
    about_units: ClassVar[str]
    #: The same of a header in integers, and the function that makes one of a sum.
    integer_units: ClassVar[str] = "logits"
    about_integer_units: ClassVar[str]
    to_integer_unit: ClassVar[str] = TO_LOGIT
    about_integers: ClassVar[str] = "Probabilities are in 32768ths: 32768 means 1."
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

    @abstractmethod
    def listing(self, notes: list[str]) -> str:
        """Return the heading of a list of answers, and a line about each.

        Parameters
        ----------
        notes : list of str
            Note at the end of each line. Empty if there are none.

        Returns
        -------
        lines : str
        """

    def integer_notes(self, network: Any) -> list[str]:
        """Return the notes of a header in integers for `listing`."""
        return []

    @abstractmethod
    def usage(self, arguments: str, *, is_integer: bool = False) -> list[str]:
        """Return lines of C that call the functions, and use the results.

        Parameters
        ----------
        arguments : str
            First arguments of the functions: a row, or texts.
        is_integer : bool, default=False
            Whether the header computes in integers.

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

    def integer_unit(self, last: Any, define: Define, layer: int) -> str:
        """Return the statement that turns a sum of integers into an output unit.

        Parameters
        ----------
        last : Requantization or NumberRequantization
            Conversion of the sums of the output layer.
        define : callable
            Function that takes a name and a value for each unit. It returns the
            expression of unit j's value, and defines an array if values differ.
        layer : int
            Number of the output layer.

        Returns
        -------
        statement : str
        """
        multiplier = define(f"@_multiplier_{layer}", last.multiplier)
        return f"logits[j] = @_to_logit(sum[j], {multiplier}, {last.shift});"

    @abstractmethod
    def of_integers(self, network: Any) -> str:
        """Return the functions of a header in integers.

        Parameters
        ----------
        network : IntegerNetwork
        """

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
