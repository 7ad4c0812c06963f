"""The blocks of a question, and the number of threads that ask."""

from types import MethodType

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.teachers.blocks import blocks_of_rows, own_n_jobs
from skdistill.teachers.resolve import as_teacher

X, Y = make_classification(9000, 6, n_informative=4, random_state=0)
FEW = slice(None, 500)
LOGISTIC = LogisticRegression()
TREES = [
    RandomForestClassifier(5, random_state=0),
    ExtraTreesClassifier(5, random_state=0),
    GradientBoostingClassifier(n_estimators=5, random_state=0),
    HistGradientBoostingClassifier(max_iter=5, random_state=0),
]


class Own(LogisticRegression):
    """A model of the user."""


def shift(rows):
    return rows + 1.0


def safe(rows):
    return np.full((len(rows), 2), 0.5)


safe.thread_safe = True


def shared(source, n_jobs=None):
    teacher = as_teacher(source)
    teacher.share(n_jobs)
    return teacher


def test_a_function_says_it_and_a_method_has_it_from_its_model():
    fitted = DummyClassifier().fit(X[FEW], Y[FEW])
    assert shared(fitted.predict_proba).safe_model is fitted
    assert shared(safe).safe_model is safe
    assert shared(shift).safe_model is None
    own = Own().fit(X[FEW], Y[FEW])
    assert shared(own.predict_proba).safe_model is None
    own.thread_safe = True
    assert shared(own.predict_proba).safe_model is own

    def predict_proba(model, rows):
        return model.predict_proba(rows)

    # The model is known, and its method is the user's.
    assert shared(MethodType(predict_proba, fitted)).safe_model is None
    assert shared("precomputed").safe_model is None


def test_outside_of_a_fit_a_teacher_keeps_its_own_threads():
    """So a report times it as its user runs it."""
    teacher = as_teacher(RandomForestClassifier(2, n_jobs=2).fit(X[FEW], Y[FEW]))
    assert teacher.safe_model is None
    assert teacher.asked_by == 1


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (RandomForestClassifier(n_jobs=-1), -1),
        (make_pipeline(StandardScaler(), RandomForestClassifier(n_jobs=3)), 3),
        (FrozenEstimator(KNeighborsClassifier(n_jobs=2)), 2),
        (BaggingClassifier(KNeighborsClassifier(n_jobs=4)), 4),
        (BaggingClassifier(KNeighborsClassifier(n_jobs=4), n_jobs=2), 2),
        (RandomForestClassifier(), None),
        (HistGradientBoostingClassifier(), None),
        (shift, None),
    ],
)
def test_a_teachers_own_n_jobs(model, expected):
    assert own_n_jobs(model) == expected


def test_n_jobs_of_the_fit_goes_before_that_of_the_teacher():
    forest = RandomForestClassifier(2, n_jobs=-1).fit(X[FEW], Y[FEW])
    assert shared(forest).asked_by == -1
    assert shared(forest, 2).asked_by == 2
    assert shared(Own().fit(X[FEW], Y[FEW]), 2).asked_by == 1


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8, 100])
@pytest.mark.parametrize("n_rows", [1, 2, 63, 64, 65, 200, 4096, 14_000, 50_001])
@pytest.mark.parametrize("model", [None, LOGISTIC, *TREES[:1]], ids=str)
def test_blocks_cover_each_row_once_in_order(model, n_rows, n_threads):
    for n_at_once in (16384,) if n_rows > 200 else (64, 16384):
        groups = blocks_of_rows(n_rows, n_at_once, model, n_threads)
        assert all(groups)
        assert len(groups) == -(-n_rows // n_at_once)
        blocks = [rows for group in groups for rows in group]
        found = np.concatenate([np.arange(n_rows)[rows] for rows in blocks])
        assert_array_equal(found, np.arange(n_rows))
        assert max(rows.stop - rows.start for rows in blocks) <= n_at_once


def test_only_blocks_of_trees_follow_the_threads():
    def sizes(model, n_rows, n_threads):
        groups = blocks_of_rows(n_rows, 16384, model, n_threads)
        return [rows.stop - rows.start for group in groups for rows in group]

    forest = TREES[0]
    assert sizes(forest, 14_000, 1) == [14_000]
    assert sizes(forest, 14_000, 2) == [7000, 7000]
    assert sizes(forest, 30_000, 4) == [7500] * 4
    assert sizes(forest, 4000, 8) == [4000]
    for n_threads in (1, 2, 8):
        assert sizes(LOGISTIC, 14_000, n_threads) == [7000, 7000]
        assert sizes(LOGISTIC, 30_000, n_threads) == [15_000, 15_000]
        assert sizes(LOGISTIC, 3000, n_threads) == [3000]
        assert sizes(None, 20_000, n_threads) == [16_384, 3616]
        for model in (
            make_pipeline(StandardScaler(), forest),
            # It begins from the answers of another model, and these follow the blocks.
            GradientBoostingClassifier(init=LOGISTIC),
        ):
            assert sizes(model, 14_000, n_threads) == [7000, 7000]
    boosted = GradientBoostingClassifier(init="zero")
    assert sizes(boosted, 14_000, 4) == [3500] * 4


@pytest.mark.parametrize("model", TREES, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_trees_answer_for_a_row_alike_in_any_block(model, dtype):
    rows = X.astype(dtype)
    model.fit(rows[FEW], Y[FEW] + (X[FEW, 0] > 0))
    whole = model.predict_proba(rows[:1000])
    for size in (1, 7, 64, 501):
        parts = [model.predict_proba(rows[i : i + size]) for i in range(0, 200, size)]
        assert_array_equal(np.concatenate(parts)[:200], whole[:200])
