"""The problem of the benchmark of rows: what it says of its rows is so."""

import numpy as np
import pandas as pd
from numpy.testing import assert_allclose, assert_array_equal

from benchmarks.unlimited import draw_rows, teacher


def loss(proba, y):
    return -np.log(proba[np.arange(y.size), y]).mean()


def test_equal_seeds_give_equal_rows():
    rows, again, other = (draw_rows(3000, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(rows.X, again.X)
    assert_array_equal(rows.y, again.y)
    assert not rows.X.equals(other.X)
    assert rows.X.shape == (3000, 17)
    assert [
        column.cat.categories.size for _, column in rows.X.iloc[:, 14:].items()
    ] == [
        5,
        30,
        300,
    ]


def test_labels_are_drawn_from_the_truth():
    rows = draw_rows(20_000, 1)
    assert_allclose(rows.truth.sum(axis=1), 1.0, rtol=1e-5)
    shares = np.bincount(rows.y) / rows.y.size
    assert_allclose(rows.truth.mean(axis=0), shares, atol=0.01)
    sure = rows.truth.max(axis=1)
    right = rows.truth.argmax(axis=1) == rows.y
    assert_allclose(right.mean(), sure.mean(), atol=0.01)


def test_the_teacher_knows_more_than_a_constant_and_less_than_the_truth():
    rows = draw_rows(20_000, 1)
    answers = teacher(rows.X)
    constant = np.broadcast_to(rows.truth.mean(axis=0), answers.shape)
    assert loss(rows.truth, rows.y) < loss(answers, rows.y) < loss(constant, rows.y)


def test_the_teacher_answers_row_by_row():
    X = draw_rows(1000, 3).X
    assert_array_equal(teacher(X.iloc[::-1])[::-1], teacher(X))
    assert_array_equal(teacher(X.iloc[:1]), teacher(X)[:1])
