"""Students as C: one header, no library, no allocation."""

from os import PathLike
from typing import Any

from skdistill.export.c.floats import float_body
from skdistill.export.c.header import header
from skdistill.export.c.integers import integer_body
from skdistill.export.c.text import check_prefix
from skdistill.export.file import check_options, export_file
from skdistill.export.source import student_of
from skdistill.student.student import Student

# What a probability may differ by, where the caller does not say.
_TOLERANCES = {"float": 1e-5, "integer": 0.2}


def to_c(
    model: Any,
    path: str | PathLike[str],
    *,
    prefix: str = "student",
    arithmetic: str = "float",
    X: Any = None,
    verify_on: Any = None,
    tolerance: float | None = None,
) -> None:
    """Write a student as one header in C99, which is C++11 as well.

    It includes ``<stdint.h>`` alone, calls no library and allocates nothing; weights
    are constants of the student's `weight_dtype`. For one raw row there are
    ``<prefix>_predict``, which returns the place of the most probable class, and
    ``<prefix>_predict_proba``, which writes the probabilities, too;
    ``<prefix>_label`` gives the label of a place. The head of the file says what a
    row holds, and lists columns, categories and labels.

    In integers no instruction and no function for floating point is used. Weights are
    integers of 8 bits with the scales of `quantize`, whatever the student has, the
    activations of hidden layers have 8 bits, and no sum exceeds 32 bits, whatever the
    row: scales are chosen so (Jacob et al. 2018, "Quantization and training of neural
    networks for efficient integer-arithmetic-only inference").

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator, or a student.
    path : str or path-like
        The header, with the ending ``.h``; replaced if it exists.
    prefix : str, default="student"
        What all names begin with, so that two students live in one program: letters
        and digits, with single underscores between them.
    arithmetic : {"float", "integer"}, default="float"
        What it computes in: single precision, or integers.
    X : table of shape (n_rows, n_features), default=None
        Raw rows, such as those of training: their activations set the scales of
        integers, which are not extended for other rows. Needed for integers alone.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows on which the header, compiled, has to answer as the student before
        the file is written. None: it is not compiled.
    tolerance : float, default=None
        How much a probability may differ on `verify_on`. None: 1e-5 in floats, 0.2 in
        integers.

    Raises
    ------
    TypeError
        Where model is neither an estimator nor a student, or labels are neither
        strings, finite numbers nor booleans.
    ValueError
        Where an argument is wrong, C cannot hold a label, the logits do not fit in
        integers, or the answers on `verify_on` differ by more than the tolerance.
    RuntimeError
        Where the header cannot be compiled.
    OSError
        Where the file cannot be written.

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
    student = student_of(model)
    check_prefix(prefix)
    if arithmetic not in _TOLERANCES:
        raise ValueError(f"arithmetic={arithmetic!r} is not one of {list(_TOLERANCES)}")
    if tolerance is None:
        tolerance = _TOLERANCES[arithmetic]
    path = check_options(path, [".h"], tolerance)
    if not student.n_features_in_:
        raise ValueError("the student has no columns, and C no rows without any")
    if arithmetic == "float":
        if X is not None:
            raise ValueError('X is given, but arithmetic="float" needs no rows')
        body = float_body(student)
    else:
        body = integer_body(student, _scale_rows(student, X), prefix)
    text = header(student, prefix, getattr(model, "feature_names_in_", None), body)
    export_file(path, text.encode(), model, verify_on, tolerance)


def _scale_rows(student: Student, X: Any):
    """Return the rows that set the scales of integers."""
    if X is None:
        raise ValueError(
            'arithmetic="integer" needs X: raw rows, such as those of training, that '
            "set the scales of activations"
        )
    if not len(student.predict(X)):
        raise ValueError("X has no rows: they set the scales of activations")
    return student.numbers(X)
