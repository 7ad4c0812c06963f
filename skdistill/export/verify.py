"""Run an exported file, and compare its answers with those of the student."""

from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.common.text import counted
from skdistill.export.comparison import compare
from skdistill.export.scorecard.card import is_card
from skdistill.export.source import kept_rows, reads_texts, student_of
from skdistill.tables.sparse import as_csr, is_sparse

# Folders of the modules that run an artefact, by its ending. Each has a module run.py
# with a function ``run(student, artefact, X)``, which returns decisions and answers:
# labels and probabilities, indicators of labels and probabilities, or numbers twice. It
# may have its own TOLERANCE.
_RUNNERS = {
    ".onnx": "onnx",
    ".h": "c",
    ".mjs": "javascript",
    ".js": "javascript",
    ".csv": "scorecard",
}

_TOLERANCE = 1e-5

_MOST_NAMED = 5


@dataclass(frozen=True)
class Verification:
    """Difference between the answers of an artefact and those of the student.

    Attributes
    ----------
    n_rows : int
        Number of rows that both answered.
    greatest_difference : float
        Greatest difference of a probability, or of a number in deviations of its
        target. NaN if the artefact returned NaN.
    greatest_row : int
        Row with the greatest difference.
    changed_labels : ndarray of shape (n_changed,), int
        Rows whose label changed, or one of whose labels did. A tie does not count: in a
        tie, the student's probabilities of both labels, or of having a label and
        of not having it, differ by no more than the tolerance. Empty for numbers.
    tolerance : float
        Greatest accepted difference.
    measure : {"a probability", "a number in deviations"}
        Answer that is compared.
    """

    n_rows: int
    greatest_difference: float
    greatest_row: int
    changed_labels: NDArray[np.intp]
    tolerance: float
    measure: str = "a probability"

    @property
    def passed(self) -> bool:
        """Whether no label changed, and no answer by more than the tolerance."""
        # The comparison is false if the difference is NaN.
        return not self.changed_labels.size and (
            self.greatest_difference <= self.tolerance
        )

    def __str__(self) -> str:
        found = "passed" if self.passed else "failed"
        return (
            f"{found} on {counted(self.n_rows, 'row')}: greatest "
            f"difference of {self.measure} {self.greatest_difference:.2g} in row "
            f"{self.greatest_row}, tolerance {self.tolerance:.2g}{self._labels}"
        )

    @property
    def _labels(self) -> str:
        """Words on the changed labels. Numbers have none."""
        if self.measure != "a probability":
            return ""
        named = ", ".join(map(str, self.changed_labels[:_MOST_NAMED]))
        if self.changed_labels.size > _MOST_NAMED:
            named += ", ..."
        rows = f" (rows {named})" if named else ""
        return f"; {self.changed_labels.size} changed labels{rows}"


def verify(
    student: Any, artefact: Any, X: Any, *, tolerance: float | None = None
) -> Verification:
    """Run an artefact, and compare its answers with those of the student.

    Parameters
    ----------
    student : DistilledClassifier, DistilledRegressor, Student or Pipeline
        Model that was exported. The answers of a pipeline are those of scikit-learn.
    artefact : str, path-like or DataFrame
        File that `to_onnx`, `to_c`, `to_js` or `to_scorecard` wrote. Its ending
        determines the program that runs it. ONNX Runtime runs ``.onnx``, and Node runs
        ``.mjs`` and ``.js``. A C compiler compiles ``.h``: the command in the
        environment variable CC, or without it cc, gcc or clang. The points of a
        scorecard, ``.csv`` or the DataFrame itself, are added up.
    X : table of shape (n_rows, n_features)
        Raw rows, as `Student.predict_proba` takes them: a list of texts, if the
        student takes texts. If X is a frame, an estimator
        needs its columns in the order of `feature_names_in_`. Sparse rows are made
        dense, because no artefact takes sparse rows.
    tolerance : float, default=None
        Greatest accepted difference of a probability, or of a number in deviations of
        its target. None accepts 0.05 of a scorecard, whose points are whole, and 1e-5
        of any other artefact. A number more than ten deviations from the mean may
        differ by as much more as it is further away.

    Returns
    -------
    verification : Verification
        Greatest difference, and the rows whose labels changed.

    Raises
    ------
    TypeError
        If student is neither an estimator nor a student.
    sklearn.exceptions.NotFittedError
        If the estimator is not fitted.
    ValueError
        If the file has another ending, if X has no rows or other column names, if the
        student does not accept X, if the artefact belongs to another student or
        refuses a row, or if tolerance is not a number of at least 0.
    ImportError
        If ONNX Runtime is needed and not installed.
    RuntimeError
        If a C compiler or Node is needed and not found.

    See Also
    --------
    to_onnx : Write an ONNX model.

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
    ...     verification = verify(student, f"{folder}/student.onnx", [[-1.0], [3.0]])
    >>> verification.n_rows, verification.changed_labels
    (2, array([], dtype=int64))
    """
    model, student = student, student_of(student)
    if tolerance is not None:
        check_tolerance(tolerance)
    if is_card(artefact):
        runner: str | None = "scorecard"
    else:
        artefact = Path(artefact)
        runner = _RUNNERS.get(artefact.suffix)
    if runner is None:
        raise ValueError(
            f"artefact={str(artefact)!r} cannot be run: its ending is not one of "
            f"{', '.join(_RUNNERS)}"
        )
    X = kept_rows(X)
    if student.text is not None:
        student.text.read(X)  # A pipeline refuses other rows less clearly.
    elif is_sparse(X):
        X = as_csr(X).toarray()
    named = hasattr(X, "columns") and hasattr(model, "feature_names_in_")
    # An estimator accepts its own order of columns alone. A student puts them in order.
    # The vectorizers of a pipeline are compared with the artefact's, too.
    asked = model if named or reads_texts(model) else student
    of_numbers = student.output.kind == "numbers"
    expected = asked.predict(X) if of_numbers else asked.predict_proba(X)
    if not len(expected):
        raise ValueError("X has no rows: verifying an artefact needs at least one")
    module = import_module(f"skdistill.export.{runner}.run")
    decisions, answers = module.run(student, artefact, student.in_order(X))
    if tolerance is None:
        tolerance = getattr(module, "TOLERANCE", _TOLERANCE)
    found = compare(student.output, expected, decisions, answers, tolerance)
    # argmax takes NaN as the greatest.
    row = int(found.differences.argmax())
    return Verification(
        n_rows=len(expected),
        greatest_difference=float(found.differences[row]),
        greatest_row=row,
        changed_labels=np.flatnonzero(found.changed),
        tolerance=tolerance,
        measure=found.measure,
    )


def check(student: Any, artefact: Any, X: Any, tolerance: float) -> None:
    """Raise an error if an artefact does not answer as the student does.

    Parameters
    ----------
    student, artefact, X, tolerance
        Parameters of `verify`.

    Raises
    ------
    ValueError
        If the verification does not pass, or if `verify` raises this error.
    """
    verification = verify(student, artefact, X, tolerance=tolerance)
    if not verification.passed:
        raise ValueError(f"the export does not answer as the student: {verification}")


def check_tolerance(tolerance: float) -> None:
    """Raise unless a tolerance is a number of at least 0."""
    if not isinstance(tolerance, Real) or not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance!r} is not a number of at least 0")
