"""Export a student as a module of JavaScript, with its types for TypeScript."""

from os import PathLike
from typing import Any

from skdistill.common.files import check_writable, write_file
from skdistill.export.file import check_options, export_file
from skdistill.export.javascript.table_module import table_module
from skdistill.export.javascript.text_module import text_module
from skdistill.export.source import ALL_KINDS, exported_student

# Ending of the file of types for each ending of a module.
TYPES_SUFFIXES = {".mjs": ".d.mts", ".js": ".d.ts"}


def to_js(
    model: Any,
    path: str | PathLike[str],
    *,
    verify_on: Any = None,
    tolerance: float = 1e-5,
) -> None:
    """Write the student as an ES module, for browsers, Node and similar programs.

    The module depends on no other module. It exports

    - ``predict(row)``, which returns a label: a string, number or boolean, as in
      training. An integer beyond 2^53 is a BigInt;
    - ``predictProba(row)``, which returns an array of probabilities;
    - ``classes``, the labels in the order of the probabilities;
    - ``features``, the columns in their order. Each is an object with ``name`` and
      ``kind``. The kind "number" has the range ``low`` to ``high``, outside of which
      the student sees no difference; both are null for a student without an input
      code. The kind "category" has ``levels``. The kind "unused" has neither;
    - ``takesMissing``, whether values may be missing.

    For a student of numbers, ``predict`` returns a number, or an array if there are
    several. There is no ``predictProba``, and no ``classes``. For quantiles there is
    ``quantiles``, their levels. For a student of label sets, ``predict`` returns an
    array with 1 for each label that the row has, and 0 for the others.
    ``predictProba`` returns their probabilities.

    A row is an array of raw values in the order of the columns, or an object. The keys
    of an object are the names in `feature_names_in_`. Without names, or if two names
    are equal, the keys are ``x0``, ``x1`` and so on. An unused column needs no key.
    Values are numbers, strings and booleans. A missing value is null, undefined or
    NaN. The module treats an unseen level as the student does. If the student raises
    an error, the module throws one: a RangeError for a number that is infinite or too
    large, a TypeError for a value of another type or a row of another form. The module
    does not look at unused columns.

    The module of a student of texts has the vectorizers inside. A row is then a string,
    or texts of columns as an array or object; each of `features` has the kind "text".
    Words, white space, lower case and accents are those of the Python that writes the
    module. Anything but a string is a TypeError. Half of a surrogate pair in a term
    that is hashed is a RangeError.

    Types for TypeScript are written beside the module: ``student.d.mts`` for
    ``student.mjs``, ``student.d.ts`` for ``student.js``.

    Parameters
    ----------
    model : DistilledClassifier, DistilledRegressor, Student or Pipeline
        A fitted estimator or its student, or a fitted pipeline of vectorizers and an
        estimator.
    path : str or path-like
        Path of the module, with the ending ``.mjs`` or ``.js``. An existing file is
        replaced.
    verify_on : table of shape (n_rows, n_features) or list of str, default=None
        Raw rows or texts on which the module, run by Node, is compared with the
        student, see `verify`. None: the module is not run.
    tolerance : float, default=1e-5
        Greatest accepted difference of a probability on `verify_on`, or of a number in
        deviations of its target.

    Raises
    ------
    TypeError
        If model is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If a step of a pipeline cannot be exported, if path has another ending, if a
        label cannot be written in JavaScript, or if the module does not answer as the
        student. An existing file is then kept.
    RuntimeError
        If Node is needed and not found.
    OSError
        If a file cannot be written.

    See Also
    --------
    verify : Compare the answers of a file with the student's.

    Examples
    --------
    >>> import numpy as np
    >>> import os, tempfile
    >>> from skdistill import Student
    >>> from skdistill.export import to_js
    >>> student = Student(
    ...     [np.array([[2.0]])], [np.array([0.0])], "relu", np.array(["no", "yes"])
    ... )
    >>> folder = tempfile.mkdtemp()
    >>> to_js(student, os.path.join(folder, "student.mjs"))
    >>> sorted(os.listdir(folder))
    ['student.d.mts', 'student.mjs']
    """
    student = exported_student(model, takes_texts=True, kinds=ALL_KINDS)
    path = check_options(path, TYPES_SUFFIXES, tolerance)
    if student.text is None:
        names = getattr(model, "feature_names_in_", None)
        module, types = table_module(student, names)
    else:
        module, types = text_module(student, student.text)
    types_path = path.with_suffix(TYPES_SUFFIXES[path.suffix])
    # Neither file is replaced if the other one cannot be written.
    check_writable(path)
    check_writable(types_path)
    export_file(path, module.encode(), model, verify_on, tolerance)
    write_file(types_path, types.encode())
