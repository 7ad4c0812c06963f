"""Masked rows and labels, whose hidden values count nowhere."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import BaseEstimator
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier

from skdistill import DistillationReport, DistilledClassifier, compress_to
from skdistill.model_selection import teacher_score

X, Y = make_classification(400, 4, n_redundant=0, random_state=0)
# The hidden values say the opposite of what the missing ones would.
HIDDEN = np.random.default_rng(0).random(X.shape) < 0.3
MASKED = np.ma.array(np.where(HIDDEN, -9.0 * X, X), mask=HIDDEN)
MISSING = np.where(HIDDEN, np.nan, X)
QUICK = {
    "random_state": 0,
    "max_iter": 3,
    "weight_decay": 0.3,
    "n_synthetic": 100,
    "hidden_layer_sizes": (8,),
}


@pytest.fixture(scope="module")
def teacher():
    return HistGradientBoostingClassifier(max_iter=20).fit(MISSING[:200], Y[:200])


@pytest.fixture(scope="module")
def model(teacher):
    return DistilledClassifier(teacher, **QUICK).fit(MISSING[:200], Y[:200])


def test_a_report_asks_for_missing_values(model, teacher):
    right = teacher.score(MISSING[200:], Y[200:])
    assert right != teacher.score(np.asarray(MASKED[200:]), Y[200:])
    hidden, missing = (
        DistillationReport.from_estimator(
            model, rows, Y[200:], baseline=teacher, n_bootstraps=9
        )
        for rows in (MASKED[200:], MISSING[200:])
    )
    assert hidden.figures["teacher"]["accuracy"].estimate == right
    assert hidden.figures == missing.figures


def test_scores_of_a_teacher_are_those_of_missing_values(model, teacher):
    right = teacher.score(MISSING[200:], Y[200:])
    assert teacher_score(model, MASKED[200:], Y[200:]) == right
    loss = teacher_score(model, MASKED[200:], Y[200:], scoring="neg_log_loss")
    assert loss == teacher_score(model, MISSING[200:], Y[200:], scoring="neg_log_loss")
    found = compress_to(
        DistilledClassifier(teacher, **QUICK),
        MASKED[:200],
        Y[:200],
        max_points_lost=100,
        validation_data=(MASKED[200:], Y[200:]),
        random_state=0,
    )
    assert found.teacher_score_ == right


class Draws(BaseEstimator):
    """A synthesizer that draws given rows."""

    def __init__(self, rows):
        self.rows = rows

    def fit(self, X, y=None):
        return self

    def sample(self, n_samples=1, random_state=None):
        return self.rows[200 : 200 + n_samples]


def test_masked_rows_of_a_synthesizer(teacher):
    hidden, missing = (
        DistilledClassifier(teacher, synthesizer=Draws(rows), **QUICK)
        .fit(MISSING[:200], Y[:200])
        .predict_proba(MISSING)
        for rows in (MASKED, MISSING)
    )
    assert_array_equal(hidden, missing)
