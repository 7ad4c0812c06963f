"""Problems and tables of the benchmark of rows: what they say is so."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from benchmarks.scale import rows as part
from benchmarks.scale import trees, waves


def loss(proba, y):
    return -np.log(proba[np.arange(y.size), y]).mean()


both = pytest.mark.parametrize("problem", [trees, waves])


@both
def test_equal_seeds_give_equal_rows(problem):
    rows, again, other = (problem.draw_rows(3000, seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(rows.X, again.X)
    assert_array_equal(rows.y, again.y)
    assert not rows.X.equals(other.X)


def test_trees_have_categories_of_5_30_and_300_levels():
    rows = trees.draw_rows(3000, 1)
    assert rows.X.shape == (3000, 17)
    assert [
        column.cat.categories.size for _, column in rows.X.iloc[:, 14:].items()
    ] == [
        5,
        30,
        300,
    ]


@both
def test_labels_are_drawn_from_the_truth(problem):
    rows = problem.draw_rows(20_000, 1)
    assert_allclose(rows.truth.sum(axis=1), 1.0, rtol=1e-5)
    shares = np.bincount(rows.y) / rows.y.size
    assert_allclose(rows.truth.mean(axis=0), shares, atol=0.01)
    sure = rows.truth.max(axis=1)
    right = rows.truth.argmax(axis=1) == rows.y
    assert_allclose(right.mean(), sure.mean(), atol=0.01)


@both
def test_the_teacher_knows_more_than_a_constant_and_less_than_the_truth(problem):
    rows = problem.draw_rows(20_000, 1)
    answers = problem.teacher(rows.X)
    constant = np.broadcast_to(rows.truth.mean(axis=0), answers.shape)
    assert loss(rows.truth, rows.y) < loss(answers, rows.y) < loss(constant, rows.y)


@both
def test_the_teacher_answers_row_by_row(problem):
    X, teacher = problem.draw_rows(1000, 3).X, problem.teacher
    assert_allclose(teacher(X.iloc[::-1])[::-1], teacher(X), rtol=1e-5)
    assert_allclose(teacher(X.iloc[:1]), teacher(X)[:1], rtol=1e-5)


def test_the_section_counts_what_each_series_has_more_of():
    """An accuracy that is the logarithm of the labelled rows is in each table."""
    known = {"accuracy": 80.0, "log_loss": 0.5, "agreement": 100.0}
    fits = [
        case
        | {"decay": 0.1, "steps": 100 * (10 if case["max_iter"] == "auto" else 3)}
        | {"n_test": 1000, "seconds": 1.0, "bytes": 1024 * (1 + sum(case["units"]))}
        | {"log_loss": 0.6, "agreement": 70.0, "truth": known, "teacher": known}
        | {"accuracy": 10 * np.log10(case["labelled"] + 1)}
        | {"short_decay": 1.0, "fixed": {"0.01": 60.1, "1": 50.0}}
        for case in part.cases(tiny=False)
    ]
    text = part.section(pd.DataFrame(fits))
    assert (
        "| trees | 1,000,000 | 0 | 0.1 | 60.00 | 0.6000 | 70.00 | 1.0 | 0.01 |" in text
    )
    short = text.split("### In short")[1]
    assert (
        "| labelled rows: 1,000, 10,000, 100,000, 300,000, 1,000,000 | 30.0, " in short
    )
    assert "labels, among 100,000 rows: 0, 100, 1,000, 10,000, 100,000 | 0.0, " in short
    assert "rows: none, 32-16, 64-32, 128-64, 256-128 | 50.0, " in short
    # Of 1,000,000 rows, the best fixed decay is 0.1 points ahead, of fewer much more.
    end = text.split("best fixed decay: ")[1].splitlines()[0]
    assert "trees with 100,000 labelled rows" in end
    assert "1,000,000" not in end
