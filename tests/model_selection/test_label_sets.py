"""Searches for small students of label sets."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    log_loss,
    make_scorer,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV

from skdistill import (
    DistilledClassifier,
    DistilledRegressor,
    compress_to,
    smallest_within,
)
from skdistill.model_selection import (
    make_teacher_scorer,
    student_bytes,
    teacher_score,
)
from skdistill.model_selection.known_answers import KnownLabelSets


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(240, 3))
    return X, (X + 0.3 * rng.normal(size=X.shape) > [0.0, 0.2, 0.5]).astype(int)


def quick(teacher=None, **parameters):
    given = {"hidden_layer_sizes": (8,), "max_iter": 5, "random_state": 0}
    if teacher is None:
        teacher = RandomForestClassifier(10, random_state=0)
    return DistilledClassifier(teacher, **given | parameters)


@pytest.mark.parametrize(
    ("scoring", "measure"),
    [
        (None, accuracy_score),
        ("f1_macro", lambda y, p: f1_score(y, p, average="macro")),
    ],
)
def test_scores_are_those_of_the_students_on_the_validation_rows(
    data, scoring, measure, few_steps
):
    X, y = data
    forest = RandomForestClassifier(10, random_state=0).fit(X[:180], y[:180])
    found = compress_to(
        quick(forest),
        X[:180],
        y[:180],
        min_score=0.0,
        scoring=scoring,
        validation_data=(X[180:], y[180:]),
    )
    for student, tried in zip(found.students_, found.path_, strict=True):
        assert_allclose(tried.score, measure(y[180:], student.predict(X[180:])))
    assert_allclose(found.teacher_score_, measure(y[180:], forest.predict(X[180:])))
    assert found.estimator_.predict(X[:2]).shape == (2, 3)
    assert found.chosen_.bytes == min(tried.bytes for tried in found.path_)


def test_stored_answers_and_names(data, few_steps):
    X, y = data
    answers = 0.9 * y + 0.05
    found = compress_to(
        quick("precomputed"),
        X,
        pd.DataFrame(y, columns=["red", "round", "rare"]),
        min_score=0.0,
        teacher_proba=answers,
        sample_weight=np.arange(240) % 3,
        random_state=0,
    )
    assert found.teacher_score_ == 1.0
    assert found.n_validation_rows_ == 60
    for student in found.students_:
        assert student.classes_.tolist() == ["red", "round", "rare"]


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (DistilledClassifier, "teacher_proba"),
        (DistilledRegressor, "teacher_prediction"),
    ],
)
def test_stored_answers_in_another_order_are_refused(data, estimator, name):
    X, y = data
    y = pd.DataFrame(y, columns=["red", "round", "rare"])
    answers = 0.9 * y[["rare", "red", "round"]] + 0.05
    words = rf"{name} has the columns in the order \['rare', 'red', 'round'\]"
    with pytest.raises(ValueError, match=words):
        compress_to(estimator("precomputed"), X, y, **{name: answers})


def test_a_score_of_classes_is_refused(data, few_steps):
    X, y = data
    with pytest.raises(
        ValueError, match="'neg_log_loss' takes the labels of a row for"
    ):
        compress_to(quick(), X, y, scoring="neg_log_loss")
    model = quick().fit(X, y)
    with pytest.raises(ValueError, match="'d2_brier_score' takes the labels of a row"):
        teacher_score(model, X, y, scoring="d2_brier_score")
    of_label = make_scorer(
        lambda y, p: log_loss(y.ravel(), p.ravel()),
        greater_is_better=False,
        response_method="predict_proba",
    )
    proba = np.stack(model.teacher_.predict_proba(X))[:, :, 1].T
    means = [log_loss(y[:, j], proba[:, j]) for j in range(3)]
    assert_allclose(teacher_score(model, X, y, scoring=of_label), -np.mean(means))


@pytest.mark.parametrize("n_labels", [2, 3])
def test_areas_of_two_labels_too(data, n_labels):
    _, y = data
    proba = np.random.default_rng(1).random(y.shape)
    known = KnownLabelSets(n_labels).with_answers(proba[:, :n_labels])
    scored = make_scorer(roc_auc_score, response_method="predict_proba")
    wanted = roc_auc_score(y[:, :n_labels], proba[:, :n_labels])
    assert_allclose(scored(known, None, y[:, :n_labels]), wanted)


def test_a_search_picks_a_small_student_near_its_teacher(data, few_steps):
    X, y = data
    search = GridSearchCV(
        quick(encoder=None),
        {"hidden_layer_sizes": [(16,), (2,)]},
        scoring={
            "score": "f1_micro",
            "bytes": student_bytes,
            "teacher": make_teacher_scorer("f1_micro"),
        },
        refit=smallest_within(1.0, of="teacher"),
        cv=2,
    ).fit(X, y)
    assert search.best_params_["hidden_layer_sizes"] == (2,)
    assert search.cv_results_["mean_test_teacher"].min() > 0.7
    model = search.best_estimator_
    wanted = model.teacher_.score(X, y)
    assert_allclose(teacher_score(model, X, y), wanted)


def test_validation_rows_of_other_labels_are_named(data, few_steps):
    X, y = data
    with pytest.raises(
        ValueError, match=r"validation rows has shape \(60, 2\), and th"
    ):
        compress_to(quick(), X, y, validation_data=(X[:60], y[:60, :2]))
    with pytest.raises(
        ValueError, match=r"validation rows has shape \(60,\), and that"
    ):
        compress_to(quick(), X, y, validation_data=(X[:60], y[:60, 0]))
