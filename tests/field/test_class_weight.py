"""Class weights and rare classes: a good teacher is followed, and a bad one is not."""

import functools
import re
import warnings

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from skdistill import DistilledClassifier

# The intercept of a logistic model whose second class has one of so many rows.
INTERCEPTS = {50: -6.6, 500: -9.8}


def problem(rarity, n_rows, seed=0):
    """Return rows, labels, and a function that answers with the true probabilities."""
    rng = np.random.default_rng(seed)
    slopes = np.array([2.0, -1.5, 1.0, 0.0])

    def truth(X):
        second = 1 / (1 + np.exp(-(INTERCEPTS[rarity] + X @ slopes)))
        return np.column_stack([1 - second, second])

    X = rng.normal(size=(n_rows, 4))
    y = (rng.random(n_rows) < truth(X)[:, 1]).astype(int)
    return X, y, truth


def fit(teacher, X, y, **parameters):
    """Return a fitted student, and the texts of its warnings."""
    parameters = {"class_weight": "balanced", **parameters}
    model = DistilledClassifier(
        teacher,
        hidden_layer_sizes=(16,),
        n_synthetic=4000,
        max_iter=20,
        random_state=0,
        **parameters,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, y)
    return model, [str(warning.message) for warning in caught]


@functools.cache
def followed(rarity, n_rows, class_weight):
    """As `fit`, with the true probabilities as the teacher."""
    X, y, truth = problem(rarity, n_rows)
    return fit(truth, X, y, class_weight=class_weight)


@pytest.mark.parametrize(("rarity", "n_rows"), [(50, 4000), (500, 16_000)])
def test_a_good_teacher_is_followed(rarity, n_rows):
    _, y, truth = problem(rarity, n_rows)
    assert 0.5 < rarity * y.mean() < 2
    model, texts = followed(rarity, n_rows, "balanced")
    assert model.follows_teacher_
    assert model.teacher_share_ >= 0.5
    assert texts == []
    X_test, y_test, _ = problem(rarity, 40_000, seed=1)
    second = model.predict_proba(X_test)[:, 1]
    best = roc_auc_score(y_test, truth(X_test)[:, 1])
    assert roc_auc_score(y_test, second) > best - 0.02
    # The weights of the classes move the threshold.
    balanced = balanced_accuracy_score(y_test, second > 0.5)
    unweighted, _ = followed(rarity, n_rows, None)
    assert balanced > balanced_accuracy_score(y_test, unweighted.predict(X_test)) + 0.1


@pytest.mark.parametrize(("rarity", "n_rows"), [(50, 4000), (500, 16_000)])
def test_the_decay_is_chosen_for_the_weights_of_classes(rarity, n_rows):
    """A decay that suits equal weights may be too weak for a few heavy rows."""
    X, y, truth = problem(rarity, n_rows)
    balanced, _ = followed(rarity, n_rows, "balanced")
    unweighted, _ = followed(rarity, n_rows, None)
    assert balanced.capacity_ != unweighted.capacity_
    other, _ = fit(truth, X, y, weight_decay=unweighted.weight_decay_)
    X_test, y_test, _ = problem(rarity, 40_000, seed=1)
    own, others = (
        balanced_accuracy_score(y_test, model.predict(X_test))
        for model in (balanced, other)
    )
    assert own > others - 0.02
    # Equal weights are no weights.
    equal, _ = fit(truth, X, y, class_weight={0: 1.0, 1: 1.0})
    assert equal.capacity_ == unweighted.capacity_


def test_a_class_with_the_factor_zero_is_not_learned():
    X, y = make_classification(
        600, 6, n_informative=5, n_redundant=0, n_classes=3, random_state=0
    )
    rest = y[300:] > 0
    for teacher in (LogisticRegression(), RandomForestClassifier(30, random_state=0)):
        model = DistilledClassifier(
            teacher,
            class_weight={0: 0.0},
            hidden_layer_sizes=(16,),
            max_iter=50,
            n_synthetic=1000,
            random_state=0,
        )
        answers = model.fit(X[:300], y[:300]).predict(X[300:])
        assert (answers > 0).all()
        assert (answers == y[300:])[rest].mean() > 0.75


@pytest.mark.parametrize("class_weight", [None, "balanced", {1: 50.0}])
def test_a_bad_teacher_is_left_out_and_the_warning_says_what_was_compared(class_weight):
    X, y, truth = problem(50, 6000)

    def bad(X):
        return truth(X[:, ::-1])

    model, (text,) = fit(bad, X, y, class_weight=class_weight)
    assert not model.follows_teacher_
    assert model.teacher_share_ == 0
    assert "each calibrated and without class_weight" in text
    assert "A number as teacher_share makes it follow the teacher" in text
    losses = re.search(r"log-loss is ([\d.]+) and the student's ([\d.]+)", text)
    teacher, labels_alone = map(float, losses.groups())
    share = y.mean()
    constant = -share * np.log(share) - (1 - share) * np.log(1 - share)
    assert teacher > 0.85 * constant > labels_alone
    followed, (text,) = fit(bad, X, y, class_weight=class_weight, teacher_share=0.5)
    assert followed.follows_teacher_
    assert "follows the teacher anyway, since teacher_share=0.5" in text
