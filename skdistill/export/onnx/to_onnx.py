"""The student as an ONNX model, raw values in, labels and probabilities out."""

from os import PathLike
from typing import Any

from skdistill.export.file import check_options, export_file
from skdistill.export.source import student_of


def to_onnx(
    model: Any,
    path: str | PathLike[str],
    *,
    verify_on: Any = None,
    tolerance: float = 1e-5,
    opset: int = 17,
) -> None:
    """Write the student as an ONNX model, its input code included.

    The model uses standard operators alone. Where no column holds levels, it has one
    input ``X``, float of shape (n_rows, n_features), NaN where a value is missing.
    Else it has one input of shape (n_rows, 1) for each column that the student looks
    at, named as in `feature_names_in_`, or ``x0``, ``x1`` and so on by place:

    - float for numbers;
    - string where levels are text; a missing value is the empty text, or
      ``<missing>`` where the empty text is a level. Numbers among text are spelt as
      ``str`` does;
    - float where levels are numbers or truth values, 1 for true, NaN where
      missing; double where float does not hold them exactly.

    A level never seen counts as it does for the student. The outputs are ``label`` of
    shape (n_rows,), of type int64, string, bool or double as the labels are, and
    ``probabilities``, float of shape (n_rows, n_classes). Where the student raises, on
    infinite numbers, a model cannot: they count as the end of the range where the
    student has an input code, else they lead to NaN.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator or its student.
    path : str or path-like
        The file, with the ending ``.onnx``; replaced if it exists.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows on which ONNX Runtime has to answer as the student, see `verify`.
        None: the model is not run.
    tolerance : float, default=1e-5
        The greatest difference of a probability that is accepted there.
    opset : int, default=17
        The version of ONNX's operators, 13 or later.

    Raises
    ------
    ImportError
        Where onnx is not installed: ``pip install skdistill[onnx]``.
    TypeError
        Where model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        Where the estimator is not fitted.
    ValueError
        Where path has another ending, tolerance is no number from 0 on, opset is not
        known, labels or levels have no like in ONNX, or the model answers otherwise
        than the student; a former file stays then.

    See Also
    --------
    verify : Compare the answers of a file with the student's.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from skdistill import Student
    >>> from skdistill.export import to_onnx, verify
    >>> student = Student(
    ...     [np.array([[2.0]])], [np.array([0.0])], "relu", np.array(["no", "yes"])
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     to_onnx(student, f"{folder}/student.onnx")
    ...     verify(student, f"{folder}/student.onnx", [[-1.0], [3.0]]).passed
    True
    """
    student = student_of(model)
    path = check_options(path, [".onnx"], tolerance)
    try:
        from skdistill.export.onnx.model import student_model
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise ImportError(
            "to_onnx needs the package onnx: pip install skdistill[onnx]"
        ) from error
    names = getattr(model, "feature_names_in_", None)
    content = student_model(student, names, opset)
    export_file(path, content, model, verify_on, tolerance)
