"""Searches for small students of label sets."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import UndefinedMetricWarning
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
    validation_score,
)
from skdistill.model_selection.known_answers import KnownLabelSets
from skdistill.model_selection.validation_score import ValidationScorer


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


def scorer_of_rare_label(scoring, n_positive):
    y = np.zeros((60, 2), dtype=int)
    y[:30, 0] = y[:n_positive, 1] = 1
    return ValidationScorer(np.zeros((60, 1)), y, KnownLabelSets(2), scoring, None)


def test_an_error_leaves_out_draws_without_a_score(monkeypatch):
    monkeypatch.setattr(validation_score, "_DRAWS", 20)
    rng = np.random.default_rng(0)
    scorer = scorer_of_rare_label("roc_auc", n_positive=2)
    first, second = (scorer.measure(rng.random((60, 2))) for _ in range(2))
    differences = first.samples - second.samples
    assert 0 < np.isnan(differences).sum() == first.n_undefined < 10
    assert_allclose(scorer.standard_error(first, second), np.nanstd(differences))
    first.samples[:11] = np.nan
    assert np.isnan(scorer.standard_error(first, second))
    assert scorer.standard_error(first, first) == 0.0


def test_one_warning_of_a_score_that_is_not_defined(monkeypatch):
    """A search scores many students, each on many draws of the rows."""
    monkeypatch.setattr(validation_score, "_DRAWS", 3)
    scorer = scorer_of_rare_label("f1_macro", n_positive=0)
    with pytest.warns(UndefinedMetricWarning, match="F-score is ill-def") as caught:
        list(map(scorer.measure, [np.zeros((60, 2))] * 3))
    assert len(caught) == 1


def test_an_unknown_error_does_not_pass(data, few_steps):
    """Before, a NaN passed the limit of points behind the best student."""
    X, y = data
    y = y[:160].copy()
    y[100:, 1:] = 0
    y[100, 1] = y[101, 2] = 1

    def areas(model, rows, y):
        return (y == model.predict(rows)).mean() if y.any(axis=0).all() else np.nan

    def search(y):
        return compress_to(
            quick(calibrate_teacher=False, weight_dtype="int8"),
            X[:100],
            y[:100],
            validation_data=(X[100:160], y[100:]),
            scoring=areas,
            max_points_lost=99,
        )

    found = search(y)
    unknown = [tried for tried in found.path_ if np.isnan(tried.points_behind_error)]
    assert len(unknown) == len(found.path_) - 1 > 0
    assert not any(tried.meets for tried in unknown)
    assert found.chosen_.points_behind == found.chosen_.points_behind_error == 0.0
    assert found.n_undefined_draws_ > 50
    assert f"not defined on {found.n_undefined_draws_} of 100 draws" in str(found)
    assert " ±? " in str(found)
    y[101, 2] = 0
    with pytest.raises(ValueError, match="score of nan on the 60 validation rows: no"):
        search(y)
