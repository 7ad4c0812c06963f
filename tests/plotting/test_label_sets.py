"""Displays of students of label sets, which draw one label or each of them."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from skdistill import (
    AdditiveDisplay,
    AgreementDisplay,
    DistilledClassifier,
    ReliabilityDisplay,
    ResidualsDisplay,
)

NAMES = ["red", "round", "rare"]


def teacher(X):
    """Return probabilities of three labels, which follow from three columns."""
    return expit(3.0 * np.asarray(X) - 1.0)


@pytest.fixture(scope="module")
def rows():
    X = np.random.default_rng(0).normal(size=(200, 3))
    return X, pd.DataFrame((X > 0.3).astype(int), columns=NAMES)


def fitted(rows, **parameters):
    given = {"hidden_layer_sizes": (4,), "max_iter": 2, "random_state": 0}
    return DistilledClassifier(teacher, **given | parameters).fit(*rows)


def pair(probabilities, column):
    """Return the probabilities that a label is absent, and that it is present."""
    return np.column_stack([1 - probabilities[:, column], probabilities[:, column]])


@pytest.fixture
def model(rows, few_steps):
    return fitted(rows)


def test_the_reliability_of_a_label(model, rows):
    X, y = rows
    found = ReliabilityDisplay.from_estimator(model, X, y, pos_label="round", n_bins=5)
    wanted = ReliabilityDisplay.from_predictions(
        y["round"],
        pair(teacher(X), 1),
        pair(model.predict_proba(X), 1),
        pos_label=1,
        n_bins=5,
    )
    for one, other in (
        (found.teacher, wanted.teacher),
        (found.student, wanted.student),
    ):
        assert_array_equal(one.shares, other.shares)
        assert_array_equal(one.mean_proba, other.mean_proba)
    assert "class round" in found.ax_.get_ylabel()


def test_the_agreement_about_a_label(model, rows):
    X, _ = rows
    found = AgreementDisplay.from_estimator(model, X, pos_label="rare")
    assert_array_equal(found.teacher_proba, teacher(X)[:, 2])
    assert_array_equal(found.student_proba, model.predict_proba(X)[:, 2])
    alike = (teacher(X)[:, 2] > 0.5) == (model.predict(X)[:, 2] == 1)
    assert found.agreement == alike.mean()


def test_an_additive_student_has_the_log_odds_of_each_label(rows, few_steps):
    X, _ = rows
    model = fitted(rows, hidden_layer_sizes=(), weight_dtype="float32")
    display = AdditiveDisplay.from_estimator(model, X)
    assert display.labels == NAMES
    assert display.line_title == "label"
    assert "log-odds" in display.axes_[0, 0].get_ylabel()
    logits = model.decision_function(X)
    # The functions are centred on the rows.
    assert_allclose(display.intercept, logits.mean(axis=0), rtol=1e-4)
    alone = AdditiveDisplay.from_estimator(model, X, pos_label="rare")
    assert alone.labels == ["rare"]
    assert_allclose(alone.intercept, logits[:, 2].mean(), rtol=1e-4)


def test_what_cannot_be_drawn_is_named(model, rows):
    X, y = rows
    with pytest.raises(ValueError, match="give the label to draw, one of .'red'"):
        ReliabilityDisplay.from_estimator(model, X, y)
    with pytest.raises(ValueError, match="give the label to draw, one of .'red'"):
        AgreementDisplay.from_estimator(model, X)
    with pytest.raises(ValueError, match="pos_label='blue' is not among the classes"):
        AgreementDisplay.from_estimator(model, X, pos_label="blue")
    draw = ReliabilityDisplay.from_estimator
    with pytest.raises(ValueError, match=r"y has shape \(200, 2\), and \(200, 3\) is"):
        draw(model, X, y[NAMES[:2]], pos_label="red")
    with pytest.raises(ValueError, match="y has the columns in the order"):
        draw(model, X, y[NAMES[::-1]], pos_label="red")
    with pytest.raises(ValueError, match="of label sets: use AgreementDisplay or Reli"):
        ResidualsDisplay.from_estimator(model, X, y)
