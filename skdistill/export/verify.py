"""Whether an artefact answers as the student does, told by running it."""

from dataclasses import dataclass
from importlib import import_module
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skdistill.export.source import student_of

# The modules that run an artefact, by its ending. Each has one function,
# ``run(student, artefact, X)``, which returns labels and probabilities.
_RUNNERS = {
    ".onnx": "onnx",
    ".h": "c",
    ".mjs": "javascript",
    ".js": "javascript",
}

_MOST_NAMED = 5


@dataclass(frozen=True)
class Verification:
    """How the answers of an artefact differ from the student's.

    Attributes
    ----------
    n_rows : int
        Number of rows that both answered.
    greatest_difference : float
        Of a probability; NaN where the artefact gave one.
    greatest_row : int
        The row where it is.
    changed_labels : ndarray of shape (n_changed,), int
        Rows whose label is another one, but for ties: rows where the student's
        probabilities of the two labels differ by no more than the tolerance.
    tolerance : float
        The greatest difference that is accepted.
    """

    n_rows: int
    greatest_difference: float
    greatest_row: int
    changed_labels: NDArray[np.intp]
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether no label changed and no probability by more than the tolerance."""
        # False where the difference is NaN.
        return not self.changed_labels.size and (
            self.greatest_difference <= self.tolerance
        )

    def __str__(self) -> str:
        named = ", ".join(map(str, self.changed_labels[:_MOST_NAMED]))
        if self.changed_labels.size > _MOST_NAMED:
            named += ", ..."
        rows = f" (rows {named})" if named else ""
        return (
            f"{'passed' if self.passed else 'failed'} on {self.n_rows} rows: greatest "
            f"difference of a probability {self.greatest_difference:.2g} in row "
            f"{self.greatest_row}, tolerance {self.tolerance:.2g}; "
            f"{self.changed_labels.size} changed labels{rows}"
        )


def verify(
    student: Any, artefact: str | PathLike[str], X: Any, *, tolerance: float = 1e-5
) -> Verification:
    """Run an artefact and compare its answers with the student's.

    Parameters
    ----------
    student : DistilledClassifier or Student
        What was exported.
    artefact : str or path-like
        A file that `to_onnx`, `to_c` or `to_js` wrote. Its ending tells what runs
        it: ``.onnx`` ONNX Runtime; ``.h`` a C compiler, the one that the environment
        variable CC names, else cc, gcc or clang; ``.mjs`` and ``.js`` Node.
    X : table of shape (n_rows, n_features)
        Raw rows, as `Student.predict_proba` takes them. Where they have names of
        columns, and an estimator has `feature_names_in_`, these need to be the same.
        Sparse ones are made dense: no artefact takes them otherwise.
    tolerance : float, default=1e-5
        The greatest difference of a probability that is accepted.

    Returns
    -------
    verification : Verification
        The greatest difference and the rows whose labels changed.

    Raises
    ------
    TypeError
        Where student is neither an estimator nor a student.
    ValueError
        Where the file has another ending, X has no rows, other names of columns, or
        the student does not take it, or tolerance is no number from 0 on.
    ImportError
        Where ONNX Runtime is needed and not installed.

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
    model, student, artefact = student, student_of(student), Path(artefact)
    check_tolerance(tolerance)
    runner = _RUNNERS.get(artefact.suffix)
    if runner is None:
        raise ValueError(
            f"artefact={str(artefact)!r} cannot be run: its ending is not one of "
            f"{', '.join(_RUNNERS)}"
        )
    if hasattr(X, "toarray"):
        X = X.toarray()
    named = hasattr(X, "columns") and hasattr(model, "feature_names_in_")
    # The estimator compares the names, of which the student has none.
    expected = (model if named else student).predict_proba(X)
    if not len(expected):
        raise ValueError("X has no rows: an artefact is verified on some")
    run = import_module(f"skdistill.export.{runner}.run").run
    labels, probabilities = run(student, artefact, X)
    return _compare(student, expected, labels, probabilities, tolerance)


def check(
    student: Any, artefact: str | PathLike[str], X: Any, tolerance: float
) -> None:
    """Raise where an artefact does not answer as the student does.

    Parameters
    ----------
    student, artefact, X, tolerance
        As `verify` takes them.

    Raises
    ------
    ValueError
        Where the verification does not pass, or cannot be made.
    """
    verification = verify(student, artefact, X, tolerance=tolerance)
    if not verification.passed:
        raise ValueError(f"the export does not answer as the student: {verification}")


def check_tolerance(tolerance: float) -> None:
    """Raise unless a tolerance is a number from 0 on."""
    if not isinstance(tolerance, Real) or not tolerance >= 0:
        raise ValueError(f"tolerance={tolerance!r} is not a number from 0 on")


def _compare(student, expected, labels, probabilities, tolerance):
    """Return how answers differ from the probabilities that the student gave."""
    if probabilities.shape != expected.shape or labels.shape != expected.shape[:1]:
        raise ValueError(
            f"the artefact gave labels of shape {labels.shape} and probabilities of "
            f"shape {probabilities.shape}, not {expected.shape[:1]} and "
            f"{expected.shape}: it is not of this student"
        )
    differences = np.abs(probabilities - expected).max(axis=1)
    # NaN counts as the greatest.
    row = int(differences.argmax())
    return Verification(
        n_rows=len(expected),
        greatest_difference=float(differences[row]),
        greatest_row=row,
        changed_labels=_changed(student.classes_, expected, labels, tolerance),
        tolerance=tolerance,
    )


def _changed(classes, expected, labels, tolerance):
    """Return the rows whose label is not the most probable one, nor a tie with it."""
    place_of = {label: place for place, label in enumerate(classes.tolist())}
    places = np.array([place_of.get(label, -1) for label in labels.tolist()])
    given = np.take_along_axis(expected, places[:, np.newaxis], axis=1)[:, 0]
    changed = (places < 0) | (expected.max(axis=1) - given > tolerance)
    return np.flatnonzero(changed)
