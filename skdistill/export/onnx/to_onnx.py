"""Export a student as an ONNX model: raw values in, answers out."""

from os import PathLike
from typing import Any

from skdistill.export.file import check_options, export_file
from skdistill.export.source import ALL_KINDS, exported_student, refuse_offsets


def to_onnx(
    model: Any,
    path: str | PathLike[str],
    *,
    verify_on: Any = None,
    tolerance: float = 1e-5,
    opset: int = 17,
) -> None:
    """Write the student as an ONNX model, including its input code or vectorizers.

    Texts need one more operator than the standard ones. If no column has levels, the
    model has one input ``X``, float of shape (n_rows, n_features). NaN stands for a
    missing value. Otherwise it has one input of shape (n_rows, 1) for each column that
    the student uses. The inputs are named as in `feature_names_in_`, or ``x0``, ``x1``
    and so on by the number of the column. Their types are:

    - float for numbers;
    - string if levels are text. A missing value is the empty text, or ``<missing>`` if
      the empty text is a level. Numbers among text are spelt as ``str`` spells them;
    - float if levels are numbers or booleans (1 for true), or double if float does not
      hold them exactly. A missing value is NaN.

    The model treats an unseen level as the student does. The outputs are ``label`` of
    shape (n_rows,), with type int64, string, bool or double like the labels, and
    ``probabilities``, float of shape (n_rows, n_classes). A student of numbers has the
    output ``variable`` of shape (n_rows, n_numbers). It is float, or double if single
    precision would move a number by more than 0.000005 deviations of its target. A
    student of label sets has the outputs ``label``, int64 of shape (n_rows, n_labels),
    which is 1 for each label that a row has, and ``probabilities``, float of the same
    shape.

    The student raises an error for an infinite number, and a model cannot. With an
    input code, the model takes it as the nearest end of the range. Without one, the
    answer is NaN.

    A student of texts has one input ``text``, string of shape (n_rows,), or one of
    shape (n_rows, 1) for each text column of a table, by its name. The caller prepares
    the texts as far as the vectorizer does: ONNX has no operator that lowers a text as
    `str.lower` does. The name of the input says so, and its description says how:

    - ``lowered_text``: ``text.lower()``;
    - ``unaccented_text``: ``unicodedata.normalize("NFKD", text)`` without characters
      for which ``unicodedata.combining`` is not 0, as ``strip_accents="unicode"`` does;
    - ``ascii_text``: the same normal form without characters beyond ASCII, as
      ``strip_accents="ascii"`` does;
    - ``lowered_unaccented_text`` and ``lowered_ascii_text``: both, lowered first.

    Such a model needs ONNX Runtime, for its operator Tokenizer. The rows of a batch are
    padded to its longest text. A letter that Unicode added after the version that
    Python or ONNX Runtime knows may be a letter in one of them alone.

    Parameters
    ----------
    model : DistilledClassifier, DistilledRegressor, Student or Pipeline
        A fitted estimator, its student, or a fitted pipeline of vectorizers and an
        estimator.
    path : str or path-like
        Path of the model, with the ending ``.onnx``. An existing file is replaced.
    verify_on : table of shape (n_rows, n_features) or list of str, default=None
        Raw rows, or texts before their preparation, on which the model, run by ONNX
        Runtime, is compared with the student, see `verify`. None: the model is not
        run.
    tolerance : float, default=1e-5
        Greatest accepted difference of a probability on `verify_on`, or of a number in
        deviations of its target.
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
        known, if ONNX has no type for the labels or levels, if a vectorizer hashes its
        terms, or if the model does not answer as the student. An existing file is then
        kept.

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
    student = exported_student(model, takes_texts=True, kinds=ALL_KINDS)
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
    names = None
    if student.text is None:
        names = getattr(model, "feature_names_in_", None)
    content = student_model(student, names, opset)
    export_file(path, content, model, verify_on, tolerance)
