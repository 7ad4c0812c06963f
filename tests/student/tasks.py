"""Students of numbers and of label sets, with the answers that they should give."""

import numpy as np

from skdistill import Student
from skdistill.student.outputs import LabelSets, Numbers
from tests import oracle

LEVELS = (0.05, 0.5, 0.95)


def numbers_output(n_numbers, *, is_flat=False, quantiles=None, clip=True):
    """Return an output of numbers whose range cuts some answers off."""
    rng = oracle.RNG(n_numbers)
    mean, scale = rng.normal(size=n_numbers) * 1e4, rng.uniform(0.1, 1e3, n_numbers)
    if quantiles is not None:
        mean[:], scale[:] = mean[0], scale[0]
    low, high = mean - 0.7 * scale, mean + 0.9 * scale
    if not clip:
        low[:], high[:] = -np.inf, np.inf
    return Numbers(mean, scale, low, high, is_flat=is_flat, quantiles=quantiles)


OUTPUTS = {
    "one flat number": numbers_output(1, is_flat=True),
    "one number without bounds": numbers_output(1, clip=False),
    "four numbers": numbers_output(4),
    "three quantiles": numbers_output(3, quantiles=LEVELS),
    "one quantile": numbers_output(1, is_flat=True, quantiles=(0.9,)),
    "one label": LabelSets(["wet"]),
    "fourteen labels": LabelSets([f"label {i}" for i in range(14)]),
}


def student_of(
    output, hidden=(9, 5), activation="relu", *, is_encoded=False, **options
):
    """Return a student with random weights."""
    units = (*hidden, output.n_units)
    if not is_encoded:
        coefs, intercepts = oracle.random_network((4, *units), 0, np.float32)
        return Student(coefs, intercepts, activation, output=output, **options)
    code = oracle.random_code(2, (3, 9), (4,))
    coefs, intercepts = oracle.random_network((2, *units), 0, np.float32)
    table = oracle.RNG(2).normal(size=(code.n_rows, units[0])).astype(np.float32)
    return Student(
        coefs,
        intercepts,
        activation,
        output=output,
        input_code=code,
        knot_table=table,
        **options,
    )


def answers_of(student, X, **options):
    """Return numbers or probabilities."""
    of_numbers = student.output.kind == "numbers"
    return (student.predict if of_numbers else student.predict_proba)(X, **options)


def rows_of(student, n_rows):
    """Return raw rows that a student takes, and the units that they should have."""
    if student.input_code is None:
        X = oracle.RNG(1).normal(size=(n_rows, 4)).astype(np.float32)
        parts = student.coefs_, student.intercepts_, student.activation
        return X, oracle.forward(X.astype(float), *parts)[-1]
    numbers = oracle.random_numbers(student.input_code, n_rows)
    units = oracle.encoded_forward(
        student.input_code,
        numbers,
        student.coefs_,
        student.intercepts_,
        student.knot_table_,
        student.activation,
    )
    return oracle.labelled_table(student.input_code, numbers), units


def expected_answers(output, units):
    """Return the answers of units, row by row in Python."""
    if isinstance(output, LabelSets):
        return 1.0 / (1.0 + np.exp(-units.astype(float)))
    answers = []
    for row in units.astype(float):
        numbers = [
            min(max(mean + scale * unit, low), high)
            for unit, mean, scale, low, high in zip(
                row, output.mean, output.scale, output.low, output.high, strict=True
            )
        ]
        answers.append(numbers if output.quantiles is None else sorted(numbers))
    answers = np.array(answers).reshape(-1, output.n_units)
    return answers[:, 0] if output.is_flat else answers
