"""Export a student as an ONNX model: raw values in, labels and probabilities out."""

from os import PathLike
from typing import Any

from skdistill.export.file import check_options, export_file
from skdistill.export.source import exported_student, refuse_offsets


def to_onnx(
    model: Any,
    path: str | PathLike[str],
    *,
    verify_on: Any = None,
    tolerance: float = 1e-5,
    opset: int = 17,
) -> None:
    """Write the student as an ONNX model, including its input code.

    The model uses only standard operators. If no column has levels, the model has one
    input ``X``, float of shape (n_rows, n_features). NaN stands for a missing value.
    Otherwise it has one input of shape (n_rows, 1) for each column that the student
    uses. The inputs are named as in `feature_names_in_`, or ``x0``, ``x1`` and so on
    by the number of the column. Their types are:

    - float for numbers;
    - string if levels are text. A missing value is the empty text, or ``<missing>`` if
      the empty text is a level. Numbers among text are spelt as ``str`` spells them;
    - float if levels are numbers or booleans (1 for true), or double if float does not
      hold them exactly. A missing value is NaN.

    The model treats an unseen level as the student does. The outputs are ``label`` of
    shape (n_rows,), with type int64, string, bool or double like the labels, and
    ``probabilities``, float of shape (n_rows, n_classes). The student raises an error
    for an infinite number, and a model cannot. With an input code, the model takes it
    as the nearest end of the range. Without one, the answer is NaN.

    Parameters
    ----------
    model : DistilledClassifier or Student
        A fitted estimator or its student.
    path : str or path-like
        Path of the model, with the ending ``.onnx``. An existing file is replaced.
    verify_on : table of shape (n_rows, n_features), default=None
        Raw rows on which the model, run by ONNX Runtime, is compared with the student,
        see `verify`. None: the model is not run.
    tolerance : float, default=1e-5
        Greatest accepted difference of a probability on `verify_on`.
    opset : int, default=17
        Version of ONNX's operators, 13 or later.

    Raises
    ------
    ImportError
        If onnx is not installed: ``pip install skdistill[onnx]``.
    TypeError
        If model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If a column has an offset, as timestamps have, since rows are float32. If path
        has another ending, if tolerance is not a number of at least 0, if opset is not
        known, if ONNX has no type for the labels or levels, or if the model does
        not answer as the student. An existing file is then kept.

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
    student = exported_student(model, takes_texts=False)
    refuse_offsets(model, "rows of an ONNX model")
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
