"""Answers of a teacher for rows that it was not trained on."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier

from skdistill import DistilledClassifier
from skdistill.common.split import deal_folds
from skdistill.tasks.classes import Classification
from skdistill.teachers.clones import FOLD_SEED, N_FOLDS
from skdistill.teachers.resolve import as_teacher
from skdistill.teachers.temperature import temperature_of
from skdistill.teachers.unseen import (
    out_of_fold,
    refit_answers,
    unseen_answers,
)


class Memory(ClassifierMixin, BaseEstimator):
    """Answers with the label, and with certainty, for a row that it was fitted on."""

    def fit(self, X, y, sample_weight=None):
        # The order is descending. No estimator of scikit-learn has it so.
        self.classes_ = np.unique(y)[::-1]
        self.weights_ = sample_weight
        self.known_ = dict(zip(np.asarray(X)[:, 0].tolist(), y, strict=True))
        return self

    def predict_proba(self, X):
        proba = np.full((len(X), len(self.classes_)), 1 / len(self.classes_))
        for row, key in enumerate(np.asarray(X)[:, 0].tolist()):
            if key in self.known_:
                proba[row] = self.classes_ == self.known_[key]
        return proba


def table(n=60, n_classes=3, seed=0):
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.arange(n), rng.normal(size=n)])
    return X, rng.permutation(np.arange(n) % n_classes)


def ask_out_of_fold(teacher, X, y, cv, fit_params=None):
    fitted = teacher.fit(X, y)
    given = Memory() if isinstance(teacher, Memory) else teacher
    unseen = out_of_fold(
        as_teacher(fitted, given=given, fit_params=fit_params),
        X,
        y,
        Classification(fitted.classes_),
        cv,
        np.random.RandomState(0),
    )
    return fitted, unseen


@pytest.mark.parametrize("cv", [3, KFold(4, shuffle=True, random_state=0)])
@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame])
def test_no_row_is_answered_by_a_teacher_that_knows_it(cv, make):
    X, y = table()
    fitted, unseen = ask_out_of_fold(Memory(), make(X), y, cv)
    assert_array_equal(unseen.rows, np.arange(60))
    assert_allclose(unseen.answers, 1 / 3)
    assert (fitted.predict_proba(X).max(axis=1) == 1).all()


def test_answers_stand_in_the_columns_of_the_teacher():
    X, y = make_classification(120, n_informative=4, n_classes=3, random_state=0)

    class Descending(LogisticRegression):
        def fit(self, X, y):
            super().fit(X, y)
            self.classes_, self.coef_ = self.classes_[::-1], self.coef_[::-1]
            self.intercept_ = self.intercept_[::-1]
            return self

    _, unseen = ask_out_of_fold(Descending(), X, y, 3)
    for kept, held_out in StratifiedKFold(3).split(X, y):
        plain = LogisticRegression().fit(X[kept], y[kept])
        expected = plain.predict_proba(X[held_out])[:, ::-1]
        assert_allclose(unseen.answers[held_out], expected, rtol=1e-6)


def test_rows_that_no_fold_holds_out_have_no_answer():
    X, y = table()
    folds = [(np.arange(30), np.arange(50, 60)), (np.arange(20, 60), np.arange(10))]
    _, unseen = ask_out_of_fold(Memory(), X, y, folds)
    assert unseen.rows.tolist() == [*range(10), *range(50, 60)]
    assert unseen.answers.shape == (20, 3)


def test_a_class_that_a_fold_lacks_is_impossible_there():
    X, y = table()
    rows = np.arange(60)
    folds = [(rows[y < 2], rows[y == 2])]
    _, unseen = ask_out_of_fold(Memory(), X, y, folds)
    assert_array_equal(unseen.rows, rows[y == 2])
    # The columns stand for the classes 2, 1, 0, as those of the teacher.
    assert_array_equal(unseen.answers, np.tile([0, 0.5, 0.5], (20, 1)))


def test_weights_go_to_the_folds():
    X, y = table()
    weights = np.arange(1.0, 61.0)
    teacher = DecisionTreeClassifier(random_state=0, max_depth=2)
    _, unseen = ask_out_of_fold(teacher, X, y, 3, {"sample_weight": weights})
    for kept, held_out in StratifiedKFold(3).split(X, y):
        fold = DecisionTreeClassifier(random_state=0, max_depth=2)
        fold.fit(X[kept], y[kept], sample_weight=weights[kept])
        assert_allclose(unseen.answers[held_out], fold.predict_proba(X[held_out]))


def test_out_of_bag_answers_are_those_of_the_forest():
    X, y = make_classification(200, random_state=0)
    forest = RandomForestClassifier(30, oob_score=True, random_state=0)
    fitted, unseen = ask_out_of_fold(forest, X, y, "oob")
    assert_allclose(unseen.answers, fitted.oob_decision_function_[unseen.rows])
    assert unseen.rows.size > 190


@pytest.mark.parametrize(
    "teacher", [LogisticRegression(), RandomForestClassifier(5, bootstrap=False)]
)
def test_out_of_bag_answers_of_a_teacher_that_has_none(teacher):
    X, y = table()
    words = f"cv='oob' needs a teacher with .*: {type(teacher).__name__} has no such"
    with pytest.raises(ValueError, match=words):
        DistilledClassifier(teacher, cv="oob", max_iter=2).fit(X, y)


def fit(teacher, X, y, sample_weight=None, **parameters):
    return DistilledClassifier(
        teacher,
        **{
            "hidden_layer_sizes": (16,),
            "max_iter": 200,
            "weight_decay": 0.1,
            "distillation_weight": 1.0,
            "random_state": 0,
            **parameters,
        },
    ).fit(X, y, sample_weight=sample_weight)


def test_student_of_answers_out_of_fold_does_not_learn_what_is_memorised():
    """Each row's label is known in sample and unknown out of fold."""
    X, y = table(90)
    options = {"synthesizer": None, "calibrate_teacher": False}
    told = fit(Memory(), X, y, max_iter=1000, **options)
    assert told.score(X, y) > 0.5
    for cv in (3, StratifiedKFold(5)):
        model = fit(Memory(), X, y, cv=cv, **options)
        assert_allclose(model.predict_proba(X), 1 / 3, atol=0.03)
        # The teacher that is kept is fitted on all rows.
        assert len(model.teacher_.known_) == 90


@pytest.mark.parametrize("frozen", [False, True])
def test_folds_of_a_fitted_teacher_are_answered_by_clones(frozen):
    X, y = table(90)
    teacher = Memory().fit(X, y)
    options = {"synthesizer": None, "calibrate_teacher": False, "cv": 3}
    model = fit(FrozenEstimator(teacher) if frozen else teacher, X, y, **options)
    assert_allclose(model.predict_proba(X), 1 / 3, atol=0.03)
    other = fit(Memory(), X, y, **options)
    assert_array_equal(model.predict_proba(X), other.predict_proba(X))
    # The user's model answers for all other rows, as it was.
    assert len(teacher.known_) == 90
    assert getattr(model.teacher_, "estimator", model.teacher_) is teacher


def test_clones_of_a_fitted_teacher_get_its_metadata():
    X, y = table(90)
    weights = np.linspace(1.0, 2.0, 90)
    seen = []

    class Noted(Memory):
        def fit(self, X, y, sample_weight=None):
            seen.append(sample_weight)
            return super().fit(X, y)

    fit(Noted().fit(X, y), X, y, weights, cv=3, max_iter=2, calibrate_teacher=False)
    assert [None if w is None else len(w) for w in seen] == [None, 60, 60, 60]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("callable", 'cv=3 needs a teacher that can be fitted on a part .*cv="auto"'),
        (
            "precomputed",
            'cv=3 needs a teacher that can be asked.*precomputed.*cv="auto"',
        ),
        ("no labels", 'cv=3 needs y.*cv="auto"'),
    ],
)
def test_cv_needs_labels_and_a_teacher_that_can_be_fitted(given, message):
    X, y = table()
    fitted = Memory().fit(X, y)
    teacher, metadata = fitted, {}
    if given == "callable":
        teacher = fitted.predict_proba
    if given == "precomputed":
        teacher, metadata = given, {"teacher_proba": fitted.predict_proba(X)}
    with pytest.raises(ValueError, match=message):
        DistilledClassifier(teacher, cv=3).fit(
            X, None if given == "no labels" else y, **metadata
        )


# Calibration


def random_labels(n=400):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 5)), rng.integers(3, size=n)


@pytest.mark.parametrize("given", ["fitted", "unfitted"])
def test_a_forest_that_memorises_random_labels_is_found_too_sure(given):
    X, y = random_labels()
    forest = RandomForestClassifier(30, random_state=0)
    if given == "fitted":
        forest.fit(X, y)
    model = fit(forest, X, y, max_iter=5)
    # On the rows of its fit the forest rather looks too unsure.
    in_sample = np.log(model.teacher_.predict_proba(X)[np.arange(400), y]).mean()
    assert in_sample > -0.5
    assert model.teacher_temperature_ > 2.5
    assert (
        fit(forest, X, y, max_iter=5, calibrate_teacher=False).teacher_temperature_ == 1
    )


@pytest.mark.parametrize("how", ["auto", "refit"])
def test_another_teacher_is_asked_by_a_clone_on_rows_held_out(how):
    X, y = random_labels(200)
    tree = DecisionTreeClassifier(random_state=0)
    model = fit(tree, X, y, max_iter=5, calibrate_teacher=how)
    assert model.teacher_temperature_ > 2.5
    assert (model.teacher_.predict(X) == y).all()


class Unfittable(HistGradientBoostingClassifier):
    """Fails when it is fitted a second time."""

    def fit(self, X, y, sample_weight=None):
        if self.max_iter == 7:
            raise AssertionError("fitted again")
        super().fit(X, y)
        self.max_iter = 7
        return self


def test_a_fitted_teacher_is_never_fitted_again():
    X, y = make_classification(200, random_state=0)
    teacher = Unfittable(max_iter=6).fit(X, y)
    for how in ("auto", False):
        model = fit(teacher, X, y, max_iter=5, calibrate_teacher=how)
        assert model.teacher_ is teacher
    assert model.teacher_temperature_ == 1
    with pytest.raises(AssertionError, match="fitted again"):
        fit(teacher, X, y, max_iter=5, calibrate_teacher="refit")
    assert teacher.n_iter_ == 6


def test_where_unseen_answers_come_from():
    X, y = make_classification(200, random_state=0)
    fitted = DecisionTreeClassifier(random_state=0).fit(X, y)

    def ask(teacher, how):
        return unseen_answers(
            as_teacher(fitted, given=teacher), X, y, task, how, np.random.RandomState(5)
        )

    task = Classification(np.array([0, 1]))
    unfitted = DecisionTreeClassifier(random_state=0)
    rows, proba = refit_answers(unfitted, X, y, task, {}, np.random.RandomState(5))
    for how in ("auto", "refit"):
        unseen = ask(unfitted, how)
        assert_array_equal(unseen.rows, rows)
        assert_array_equal(unseen.answers, proba)
    assert ask(fitted, "auto") is None
    assert_array_equal(ask(fitted, "refit").rows, rows)


def test_a_clone_answers_for_the_rows_that_short_trainings_hold_out():
    X, y = make_classification(3000, 4, n_redundant=0, random_state=0)
    weights = np.random.default_rng(0).integers(0, 3, size=3000).astype(float)
    kept = np.flatnonzero(weights)
    teacher, task = LogisticRegression(), Classification(np.arange(2))
    rows, _ = refit_answers(teacher, X, y, task, {}, 0, weights)
    folds = deal_folds(y[kept], N_FOLDS, FOLD_SEED)
    assert_array_equal(rows, kept[folds == 0])
    few = np.where(np.arange(3000) < 49, 1.0, 0.0)
    assert refit_answers(teacher, X, y, task, {}, 0, few) is None


def test_a_callable_cannot_be_fitted_again():
    X, y = random_labels(100)
    with pytest.raises(
        ValueError, match='calibrate_teacher="refit" needs a teacher that can'
    ):
        fit(
            lambda rows: np.full((len(rows), 3), 1 / 3), X, y, calibrate_teacher="refit"
        )


def test_rows_without_weight_do_not_calibrate():
    """A third of the rows has wrong labels and a weight of 0."""
    X, y = make_classification(
        600, n_informative=8, n_features=10, class_sep=2.0, random_state=0
    )
    weight = np.ones(600)
    weight[::3] = 0
    labels = np.where(weight > 0, y, 1 - y)
    teacher = LogisticRegression()
    weighted = fit(teacher, X, labels, sample_weight=weight, max_iter=5, cv=3)
    assert 0.5 < weighted.teacher_temperature_ < 1.5
    # If these rows had a weight, they would show a teacher that is too sure.
    known = LogisticRegression().fit(X, y)
    folds = [
        (np.arange(300), np.arange(300, 600)),
        (np.arange(300, 600), np.arange(300)),
    ]
    unseen = out_of_fold(
        as_teacher(known, given=teacher, fit_params={"sample_weight": weight}),
        X,
        labels,
        Classification(known.classes_),
        folds,
        np.random.RandomState(0),
    )
    logits = np.log(unseen.answers + 1e-3)
    assert temperature_of(logits, labels) > 2 * weighted.teacher_temperature_
