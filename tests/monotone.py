"""Students whose curves rise or fall, and pairs of rows that differ in one column."""

import numpy as np

from skdistill import Student
from skdistill.student.input_code import InputCode
from tests.oracle import RNG

# Slopes of the columns of `random_student`: two without knots, four with knots.
SIGNS = (1, -1, 1, 1, -1, 1)

_N_LINEAR = 2
_GREATEST = np.float32(8e37)


def random_student(dtype, seed=0, levels=0):
    """Return a student whose column j only rises if SIGNS[j] is 1, else only falls.

    Curves are flat in places, as steep as numbers allow in others, and of many sizes.
    A missing value counts as any number. A last column has `levels` levels, if any.
    """
    rng = RNG(seed)
    signs = np.array(SIGNS)
    sizes = [3, 9, 33, 17]
    knots = [
        np.sort(rng.normal(size=n) * 10.0 ** rng.integers(-3, 4)).astype(np.float32)
        for n in sizes
    ]
    table = []
    for places, sign in zip(knots, signs[_N_LINEAR:], strict=True):
        steps = rng.exponential(size=places.size) * 10.0 ** rng.uniform(-6, 0)
        steps *= rng.random(places.size) < 0.6
        table += [*(sign * (np.cumsum(steps) - rng.random())), rng.normal()]
    table += list(rng.normal(size=levels + 2)) if levels else []
    code = InputCode(
        len(signs) + (levels > 0),
        linear=[0, 1],
        low=[-3.0, 0.0],
        high=[2.5, 1.0],
        mean=[0.1, 0.4],
        scale=[0.7, 0.3],
        knotted=[2, 3, 4, 5],
        knots=knots,
        categorical=[6] if levels else [],
        levels=[[f"level {i}" for i in range(levels)]] if levels else [],
    )
    weights = signs[:_N_LINEAR] * rng.exponential(size=_N_LINEAR)
    scale = 10.0 ** rng.uniform(-1, 1)
    return Student(
        [scale * weights[:, np.newaxis]],
        [rng.normal(size=1)],
        "relu",
        ["no", "yes"],
        code,
        scale * np.array(table)[:, np.newaxis],
        dtype,
    )


def plain_student(dtype, n_features=21, seed=0):
    """Return a student without an input code, and the slopes of its columns."""
    rng = RNG(seed)
    weights = rng.normal(size=(n_features, 1)) * 10.0 ** rng.uniform(-4, 1)
    weights[3] = 0.0
    student = Student([weights], [rng.normal(size=1)], "relu", ["no", "yes"], None)
    if dtype != "float32":
        student = Student(
            student.coefs_,
            student.intercepts_,
            "relu",
            ["no", "yes"],
            None,
            None,
            dtype,
        )
    return student, np.where(weights[:, 0] < 0, -1, 1)


def ordered_pairs(student, column, n=10_000, seed=0, missing=True, greatest=_GREATEST):
    """Return lower and higher rows, float32, that differ in one column alone.

    Half of the pairs differ by a single unit in the last place. Many lie at a knot or
    at an end of the range, and some far beyond it.
    """
    rng = RNG(seed)
    code = student.input_code
    rows = rng.normal(size=(n, student.n_features_in_))
    rows *= 10.0 ** rng.integers(-4, 3, (n, 1))
    rows = rows.astype(np.float32)
    if code is not None:
        if missing:
            rows[rng.random(rows.shape) < 0.05] = np.nan
        for feature, levels in zip(code.categorical, code.levels, strict=True):
            rows[:, feature] = rng.integers(len(levels) + 2, size=n)
    places = _places(code, column)
    size = np.abs(places).max()
    few = [places, size * rng.normal(size=200), [-greatest, 0.0, greatest]]
    first = rng.choice(np.concatenate(few).astype(np.float32), n)
    one_unit = np.nextafter(first, np.float32(np.inf))
    second = np.where(rng.random(n) < 0.5, one_unit, rng.permutation(first))
    lower, higher = rows.copy(), rows
    lower[:, column] = np.minimum(first, second)
    higher[:, column] = np.minimum(np.maximum(first, second), greatest)
    return lower, higher


def count_violations(lower, higher, sign):
    """Return how many answers change against the sign, by however little."""
    change = higher.astype(np.float64) - lower.astype(np.float64)
    return int(np.count_nonzero(sign * change < 0))


def _places(code, column):
    """Return the places at which the curve of a column may change its slope."""
    if code is None:
        return np.array([-1.0, 1.0])
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        if feature == column:
            return knots.astype(np.float64)
    index = code.linear.tolist().index(column)
    return np.array([code.low[index], code.high[index]], dtype=np.float64)
