"""Export a student as C: one header, no library, no allocation."""

from os import PathLike
from typing import Any

from skdistill.export.c.answers.of_student import answers_of
from skdistill.export.c.floats import float_body
from skdistill.export.c.header import header
from skdistill.export.c.integers import integer_body
from skdistill.export.c.text import check_prefix
from skdistill.export.c.text_student.header import text_header
from skdistill.export.c.text_student.letters import LETTERS
from skdistill.export.file import check_options, export_file
from skdistill.export.source import ALL_KINDS, exported_student, refuse_offsets
from skdistill.student.student import Student

# Default of the greatest accepted difference of an answer.
_TOLERANCES = {"float": 1e-5, "integer": 0.2}


def to_c(
    model: Any,
    path: str | PathLike[str],
    *,
    prefix: str = "student",
    arithmetic: str = "float",
    letters: str | None = None,
    X: Any = None,
    verify_on: Any = None,
    tolerance: float | None = None,
) -> None:
    """Write a student as one header in C99, which is also valid C++11.

    The header includes only ``<stdint.h>`` and, for texts, ``<stddef.h>``. It calls no
    library and allocates no memory. Weights are constants of the student's
    `weight_dtype`. Each function takes one raw row: ``<prefix>_predict`` returns the
    index of the most probable class, and ``<prefix>_predict_proba`` also writes the
    probabilities. ``<prefix>_label`` returns the label of a class. The head of the file
    describes a row, and lists columns, categories and labels.

    For a student of numbers, ``<prefix>_predict`` writes the numbers in the units of
    the target, and returns 0. They have the type float, or double if single precision
    would move one by more than 0.000005 deviations. For a student of label sets,
    ``<prefix>_predict`` writes 1 for each label that the row has, and 0 for the others.
    ``<prefix>_predict_proba`` writes their probabilities. Both return 0. The head of
    the file lists mean, deviation and range of each number, or the labels.

    With ``arithmetic="integer"`` the header uses no instruction and no function for
    floating point. Weights are rounded to integers of 8 bits as `quantize` does, for
    a student of any `weight_dtype`. Activations of hidden layers have 8 bits. The
    scales are chosen such that no sum exceeds 32 bits, for any row (Jacob et al. 2018,
    "Quantization and training of neural networks for efficient
    integer-arithmetic-only inference"). Numbers are in fixed point, with the number
    of fraction bits that the head of the file lists.

    A student of texts takes UTF-8 of any length, given by its first byte and its number
    of bytes, and a work space of the type ``<prefix>_work``. It counts terms as
    scikit-learn does. A number below zero says why a text has no answer.

    Parameters
    ----------
    model : DistilledClassifier, DistilledRegressor, Student or Pipeline
        A fitted estimator, a student, or a fitted pipeline of vectorizers and an
        estimator.
    path : str or path-like
        Path of the header, with the ending ``.h``. An existing file is replaced.
    prefix : str, default="student"
        Beginning of all names, which keeps two students in one program apart. It
        consists of letters and digits, with single underscores between them.
    arithmetic : {"float", "integer"}, default="float"
        Arithmetic of the header: single precision or integers.
    letters : {"latin-1", "all"}, default=None
        Characters that the texts of a student may hold. "latin-1" are those of
        ASCII and Latin-1, punctuation and pictures. A text with another character has
        no answer. "all" adds a table of Unicode, mostly 2 to 13 KB. The head of the
        file states its bytes. None is "latin-1" for a student that takes texts.
    X : table of shape (n_rows, n_features), default=None
        Raw rows, such as those of training. Their activations determine the scales
        of integers. An activation of another row outside these scales counts as the
        nearest end of its scale. Only ``arithmetic="integer"`` needs these rows.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows, or texts, on which the compiled header is compared with the student
        before the file is written. None: the header is not compiled.
    tolerance : float, default=None
        Greatest accepted difference of a probability on `verify_on`, or of a number in
        deviations of its target. None: 1e-5 for floats, 0.2 for integers.

    Raises
    ------
    TypeError
        If model is neither an estimator nor a student, or if a label is neither a
        string, a finite number nor a boolean.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If an argument is wrong, if a column has an offset, as timestamps have, since
        rows are float32, if C cannot hold a label, if logits or numbers do not fit in
        integers, if a vectorizer does what C cannot do, or if an answer on `verify_on`
        differs by more than the tolerance.
    RuntimeError
        If the header cannot be compiled.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skdistill import Student
    >>> from skdistill.export.c.to_c import to_c
    >>> student = Student([[[2.0]]], [[0.0]], "relu", ["no", "yes"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answer.h"
    ...     to_c(student, path, prefix="answer")
    ...     lines = path.read_text().splitlines()
    >>> [line for line in lines if "answer_predict(const" in line]
    ['static inline int answer_predict(const float row[answer_n_columns])']
    """
    student = exported_student(model, takes_texts=True, kinds=ALL_KINDS)
    refuse_offsets(model, "rows of the header")
    check_prefix(prefix)
    if arithmetic not in _TOLERANCES:
        raise ValueError(f"arithmetic={arithmetic!r} is not one of {list(_TOLERANCES)}")
    if tolerance is None:
        tolerance = _TOLERANCES[arithmetic]
    path = check_options(path, [".h"], tolerance)
    if not student.n_features_in_:
        raise ValueError("the student has no columns, and C has no arrays of size zero")
    if arithmetic == "float" and X is not None:
        raise ValueError('X is given, but arithmetic="float" needs no rows')
    if student.text is not None:
        _check_text_options(arithmetic, letters)
        text = text_header(student, prefix, letters or LETTERS[0])
    else:
        if letters is not None:
            raise ValueError(
                f"letters={letters!r} is given, but the student takes no texts"
            )
        found = answers_of(student)
        if arithmetic == "float":
            body = float_body(student, found)
        else:
            body = integer_body(student, found, _scale_rows(student, X), prefix)
        names = getattr(model, "feature_names_in_", None)
        text = header(student, prefix, names, body, found)
    export_file(path, text.encode(), model, verify_on, tolerance)


def _check_text_options(arithmetic: str, letters: str | None) -> None:
    """Raise unless a header of texts has the arithmetic and the letters."""
    if arithmetic != "float":
        raise ValueError(
            f"arithmetic={arithmetic!r} is not available for a student that takes "
            'texts: give arithmetic="float"'
        )
    if letters is not None and letters not in LETTERS:
        raise ValueError(f"letters={letters!r} is not one of {list(LETTERS)}")


def _scale_rows(student: Student, X: Any):
    """Return the rows that determine the scales of integers, as numbers."""
    if X is None:
        raise ValueError(
            'arithmetic="integer" needs X: raw rows, such as those of training, which '
            "determine the scales of activations"
        )
    if not len(student.predict(X)):
        raise ValueError("X has no rows: they determine the scales of activations")
    return student.numbers(X)
