"""The difference between two answers to the same rows, by the kind of the output."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# A number further from the mean, in deviations, is known less well.
_FAR = 10.0


class Comparison(NamedTuple):
    """Differences between an artefact and the student, row by row.

    Attributes
    ----------
    differences : ndarray of shape (n_rows,)
        Greatest difference of each row. NaN if an answer is.
    changed : ndarray of shape (n_rows,), bool
        Whether a label changed. False for numbers.
    measure : str
        Answer that is compared, for a message.
    """

    differences: NDArray[Any]
    changed: NDArray[np.bool_]
    measure: str


def compare(
    output: Any,
    expected: NDArray[Any],
    decisions: NDArray[Any],
    answers: NDArray[Any],
    tolerance: float,
) -> Comparison:
    """Return the differences between an artefact and the student.

    Parameters
    ----------
    output : Output
        Output of the student.
    expected : ndarray of shape (n_rows, n_columns) or (n_rows,)
        Answers of the student: probabilities or numbers.
    decisions : ndarray of shape (n_rows,) or (n_rows, n_outputs)
        Decisions of the artefact. They are not read for numbers.
    answers : ndarray of the same shape as `expected`
        Answers of the artefact.
    tolerance : float
        Difference of two probabilities that counts as a tie.

    Returns
    -------
    comparison : Comparison

    Raises
    ------
    ValueError
        If the artefact's decisions or answers have another shape.
    """
    return _COMPARED[output.kind](output, expected, decisions, answers, tolerance)


def _compare_classes(output, expected, labels, probabilities, tolerance):
    """Compare labels and probabilities of classes."""
    _check_shapes(labels, probabilities, expected.shape[:1], expected.shape)
    index_of = {label: index for index, label in enumerate(output.labels.tolist())}
    indices = np.array([index_of.get(label, -1) for label in labels.tolist()])
    given = np.take_along_axis(expected, indices[:, np.newaxis], axis=1)[:, 0]
    changed = (indices < 0) | (expected.max(axis=1) - given > tolerance)
    differences = np.abs(probabilities - expected).max(axis=1)
    return Comparison(differences, changed, "a probability")


def _compare_label_sets(output, expected, indicators, probabilities, tolerance):
    """Compare indicators and probabilities of labels."""
    _check_shapes(indicators, probabilities, expected.shape, expected.shape)
    # The student's probability of the decision, and of the opposite one.
    of_decision = np.where(indicators == 1, expected, 1.0 - expected)
    changed = (1.0 - 2.0 * of_decision > tolerance) | (indicators != (indicators == 1))
    differences = np.abs(probabilities - expected).max(axis=1)
    return Comparison(differences, changed.any(axis=1), "a probability")


def _compare_numbers(output, expected, _, numbers, tolerance):
    """Compare numbers in deviations."""
    if numbers.shape != expected.shape:
        raise ValueError(
            f"the artefact gave numbers of shape {numbers.shape}, not "
            f"{expected.shape}: it belongs to another student"
        )
    shape = (len(expected), output.n_units)
    numbers, expected = numbers.reshape(shape), expected.reshape(shape)
    with np.errstate(invalid="ignore", over="ignore"):
        distances = np.abs(expected - output.mean) / output.scale
        # Double precision holds no number between two neighbours.
        apart = np.abs(numbers - expected) - np.spacing(np.abs(expected))
        differences = np.maximum(apart, 0.0) / output.scale
        differences /= np.maximum(1.0, distances / _FAR)
    differences[numbers == expected] = 0.0  # Two infinite numbers are equal.
    unchanged = np.zeros(len(expected), dtype=bool)
    return Comparison(differences.max(axis=1), unchanged, "a number in deviations")


_COMPARED: dict[str, Callable[..., Comparison]] = {
    "classes": _compare_classes,
    "numbers": _compare_numbers,
    "label_sets": _compare_label_sets,
}


def _check_shapes(decisions, probabilities, *expected):
    """Raise unless decisions and probabilities have the expected shapes."""
    if (decisions.shape, probabilities.shape) != expected:
        raise ValueError(
            f"the artefact gave labels of shape {decisions.shape} and probabilities of "
            f"shape {probabilities.shape}, not {expected[0]} and {expected[1]}: it "
            "belongs to another student"
        )
