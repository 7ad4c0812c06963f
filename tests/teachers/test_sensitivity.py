"""How much each feature matters to a teacher."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.tasks.classes import Classification
from skdistill.teachers.sensitivity import feature_sensitivity

WITHOUT_LIMIT = np.inf


TASK = Classification(np.arange(2))


def measure(ask, X, most_queries=WITHOUT_LIMIT, seed=0):
    return feature_sensitivity(
        ask, X, TASK.changes, most_queries, np.random.RandomState(seed)
    )


def sign_teacher(column):
    """Return a teacher that decides by the sign of a column, always with certainty."""

    def ask(rows):
        positive = np.asarray(rows)[:, column].astype(float) > 0
        return np.column_stack([~positive, positive]).astype(float)

    return ask


def test_a_feature_that_the_teacher_does_not_use_has_none():
    X = np.random.default_rng(0).normal(size=(500, 4))
    sensitivity = measure(sign_teacher(2), X)
    assert sensitivity[[0, 1, 3]].tolist() == [0, 0, 0]
    # Half of the redrawn values have the other sign.
    assert_allclose(sensitivity[2], 0.5, atol=0.07)


def test_sensitivity_is_the_mean_total_variation_of_redrawn_rows():
    """A column of two values has a mean over all pairs that is found by hand."""
    X = np.repeat([[0.0], [1.0]], [300, 700], axis=0)

    def ask(rows):
        p = 0.2 + 0.5 * rows[:, 0]
        return np.column_stack([p, 0.9 - p, np.full(len(p), 0.1)])

    # A redrawn value differs from the old one with probability 2 * 0.3 * 0.7.
    assert_allclose(measure(ask, X), [0.42 * 0.5], atol=0.03)


def test_a_larger_effect_is_a_larger_sensitivity():
    X = np.random.default_rng(0).normal(size=(400, 3))

    def ask(rows):
        p = 1 / (1 + np.exp(-rows @ [0.1, 3.0, 1.0]))
        return np.column_stack([1 - p, p])

    small, large, middle = measure(ask, X)
    assert 0 < small < middle < large < 1


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_the_teacher_is_asked_about_tables_like_the_one_given(make):
    rng = np.random.default_rng(0)
    frame = make(
        {
            "count": rng.integers(5, size=60),
            "color": rng.choice(["red", "green"], 60),
            "size": rng.normal(size=60),
        }
    )
    asked = []

    def ask(rows):
        asked.append(rows)
        return np.full((len(rows), 2), 0.5)

    assert measure(ask, frame).tolist() == [0, 0, 0]
    # The rows come first. They follow once more for each column of numbers, whose
    # values are then redrawn from the column itself, and then for each category.
    assert list(map(len, asked)) == [3 * 60, 60]
    for rows in asked:
        assert type(rows) is type(frame)
        assert list(rows.columns) == list(frame.columns)
        assert list(rows.dtypes) == list(frame.dtypes)
    blocks = [asked[0][60 * i : 60 * (i + 1)] for i in range(3)] + asked[1:]
    for block, changed in zip(blocks, [None, "count", "size", "color"], strict=True):
        for name in frame.columns:
            same = block[name].to_numpy() == blocks[0][name].to_numpy()
            assert same.all() == (name != changed)
            assert set(block[name].to_list()) <= set(frame[name].to_list())


def test_sensitivity_of_categories():
    """A level decides, and the others do not: a mean over all pairs of rows."""
    color = np.repeat(["red", "green", "blue"], [300, 500, 200])
    towns = np.tile(["Rome", "Oslo"], 500)
    X = np.column_stack([color, towns])

    def ask(rows):
        p = np.where(rows[:, 0] == "red", 0.9, 0.1)
        return np.column_stack([p, 1 - p])

    sensitivity = measure(ask, X)
    # A redrawn color is red where it was not, or the reverse: 2 * 0.3 * 0.7 of pairs.
    assert_allclose(sensitivity, [0.42 * 0.8, 0], atol=0.03)


def test_categories_change_no_sensitivity_of_numbers():
    rng = np.random.default_rng(0)
    numbers = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    mixed = numbers.copy()
    mixed.insert(1, "color", rng.choice(["red", "green"], 300))

    def ask(rows):
        p = 1 / (1 + np.exp(-rows[list("abc")].to_numpy() @ [0.1, 3.0, 1.0]))
        return np.column_stack([1 - p, p])

    assert_array_equal(measure(ask, mixed)[[0, 2, 3]], measure(ask, numbers))
    assert measure(ask, mixed)[1] == 0


def test_many_categories_are_redrawn_in_fewer_rows():
    rng = np.random.default_rng(0)
    X = rng.choice(["a", "b"], size=(500, 100)).astype(object)
    X[:, 0] = rng.normal(size=500)
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return np.full((len(rows), 2), 0.5)

    measure(ask, X)
    assert asked == [2 * 500, 99 * (16_000 // 100)]


def test_a_limit_of_queries_is_kept_or_nothing_is_measured():
    X = np.random.default_rng(0).normal(size=(500, 4))
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return np.full((len(rows), 2), 0.5)

    assert measure(ask, X) is not None
    assert measure(ask, X, most_queries=500) is not None
    assert measure(ask, X, most_queries=50) is None
    # Each time, five copies of the rows are asked about. To stay below the limit, the
    # second time takes only a power of two of the rows.
    assert asked == [2500, 5 * 64]


def test_wide_tables_are_asked_about_fewer_rows():
    X = np.random.default_rng(0).normal(size=(1500, 400))
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return np.full((len(rows), 2), 0.5)

    measure(ask, X)
    measure(ask, X[:, :3])
    assert asked == [401 * (16_000 // 401), 4 * 1000]


def test_the_seed_decides():
    X = np.random.default_rng(0).normal(size=(300, 4))
    first = measure(sign_teacher(1), X)
    assert_array_equal(first, measure(sign_teacher(1), X))
    assert (first != measure(sign_teacher(1), X, seed=1)).any()
