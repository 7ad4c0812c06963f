"""Regressors as teachers: how they are found, asked and fitted."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.ensemble import (
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingRegressor,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.teachers.clones import thawed
from skdistill.teachers.default import default_teacher
from skdistill.teachers.function import FunctionTeacher
from skdistill.teachers.regressor import RegressorTeacher
from skdistill.teachers.resolve import as_teacher, is_used_as_given
from skdistill.teachers.scikit_learn import EstimatorTeacher, fit_teacher
from skdistill.teachers.unseen import out_of_fold, refit_answers, unseen_answers
from tests.teachers.numbers import table, task_of

X, Y = table(200)
Y_TWO = table(200, 2)[1]


class Foreign:
    """A model of a library that knows nothing of scikit-learn."""

    def fit(self, X, y):
        self.mean_ = np.mean(y)
        return self

    def predict(self, X):
        return X[:, 0] + self.mean_


class PredictsAlone:
    def predict(self, X):
        return X[:, :1]

    __call__ = predict


REGRESSORS = {
    "ridge": Ridge(),
    "pipeline": make_pipeline(StandardScaler(), Ridge()),
    "search": GridSearchCV(Ridge(), {"alpha": [1.0, 10.0]}, cv=2),
    "frozen": FrozenEstimator(Ridge().fit(X, Y)),
    "foreign": Foreign(),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors_are_asked_by_predict(name):
    model = REGRESSORS[name].fit(X, Y)
    teacher = as_teacher(model, kind="numbers")
    assert isinstance(teacher, RegressorTeacher)
    assert_allclose(teacher.ask(X, task_of(Y))[:, 0], model.predict(X))
    assert teacher.classes is None
    assert is_used_as_given(model)


def test_several_targets():
    model = MultiOutputRegressor(HistGradientBoostingRegressor(max_iter=3))
    model.fit(X, Y_TWO)
    found = as_teacher(model, kind="numbers").ask(X, task_of(Y_TWO))
    assert_array_equal(found, model.predict(X))


def test_the_object_tells_if_nobody_says_the_kind():
    assert isinstance(as_teacher(Ridge()), RegressorTeacher)
    pipeline = make_pipeline(StandardScaler(), Ridge())
    assert isinstance(as_teacher(pipeline), RegressorTeacher)
    classifier = as_teacher(LogisticRegression())
    assert type(classifier) is EstimatorTeacher
    assert isinstance(as_teacher(PredictsAlone(), kind="numbers"), RegressorTeacher)
    assert isinstance(as_teacher(len, kind="numbers"), FunctionTeacher)


@pytest.mark.parametrize("shape", [(200,), (200, 1)])
def test_functions_and_methods(shape):
    model = Ridge().fit(X, Y)

    def numbers(X):
        return model.predict(X).reshape(shape)

    for function in (numbers, model.predict):
        teacher = as_teacher(function, kind="numbers")
        assert isinstance(teacher, FunctionTeacher)
        assert_array_equal(teacher.ask(X, task_of(Y))[:, 0], model.predict(X))
    assert as_teacher(model.predict, kind="numbers").answering is model
    two = as_teacher(lambda X: np.column_stack([X[:, 0], X[:, 1]]), kind="numbers")
    assert_array_equal(two.ask(X, task_of(Y_TWO)), X[:, :2])


def test_a_model_without_predict():
    class Nothing:
        pass

    with pytest.raises(ValueError, match="Nothing, is fitted and has no predict"):
        as_teacher(Nothing(), kind="numbers").ask(X, task_of(Y))


def test_a_foreign_model_is_fitted_once_it_holds_what_it_learned():
    assert not is_used_as_given(Foreign())
    assert is_used_as_given(Foreign().fit(X, Y))
    assert is_used_as_given(PredictsAlone())


def test_the_default_teacher():
    assert isinstance(default_teacher(), RandomForestClassifier)
    teacher = default_teacher("numbers")
    assert isinstance(teacher, RandomForestRegressor)
    assert teacher.n_estimators == 200


def test_advice_of_a_failed_fit_says_nothing_of_labels():
    class Fails(Ridge):
        def fit(self, X, y):
            raise ValueError("I cannot")

    random_state = np.random.RandomState(0)
    for given, kind, wanted in (
        (Fails(), "numbers", "put an encoder before it"),
        (None, "numbers", "HistGradientBoostingRegressor"),
        (None, "classes", "HistGradientBoostingClassifier"),
    ):
        rows = np.array([["a"]] * 4) if given is None else X
        y = np.arange(4) if given is None else Y
        is_default = given is None
        model = default_teacher(kind) if is_default else given
        with pytest.raises(ValueError, match=wanted) as raised:
            fit_teacher(
                model, rows, y, {}, random_state, kind=kind, is_default=is_default
            )
        assert "LabelEncoder" not in str(raised.value)


@pytest.mark.parametrize("y", [Y, Y_TWO], ids=["one target", "two targets"])
def test_answers_out_of_fold_are_those_of_scikit_learn(y):
    cv = KFold(4, shuffle=True, random_state=1)
    model = Ridge().fit(X, y)
    teacher = as_teacher(model, kind="numbers")
    unseen = out_of_fold(teacher, X, y, task_of(y), cv, np.random.RandomState(0))
    assert_array_equal(unseen.rows, np.arange(200))
    expected = cross_val_predict(Ridge(), X, y, cv=cv).reshape(200, -1)
    assert_allclose(unseen.answers, expected)


def test_folds_of_whole_numbers_are_not_dealt_as_classes():
    """Five groups of equal numbers: strata would spread each over all folds."""
    numbers = np.repeat(np.arange(5), 40)
    teacher = as_teacher(Ridge().fit(X, numbers), kind="numbers")
    unseen = out_of_fold(teacher, X, numbers, task_of(Y), 5, np.random.RandomState(0))
    expected = cross_val_predict(Ridge(), X, numbers, cv=KFold(5))
    assert_allclose(unseen.answers[:, 0], expected)


@pytest.mark.parametrize("cv", ["oob", None])
def test_members_answer_for_rows_that_they_left_out(cv):
    forest = RandomForestRegressor(30, oob_score=True, random_state=0).fit(X, Y)
    teacher = as_teacher(forest, kind="numbers")
    random_state = np.random.RandomState(0)
    if cv is None:
        unseen = unseen_answers(teacher, X, Y, task_of(Y), "auto", random_state)
    else:
        unseen = out_of_fold(teacher, X, Y, task_of(Y), cv, random_state)
    assert_allclose(unseen.answers[:, 0], forest.oob_prediction_[unseen.rows])


def test_a_teacher_without_members_cannot_answer_out_of_bag():
    teacher = as_teacher(Ridge().fit(X, Y), kind="numbers")
    random_state = np.random.RandomState(0)
    assert unseen_answers(teacher, X, Y, task_of(Y), "auto", random_state) is None
    with pytest.raises(ValueError, match="Ridge has no such members"):
        out_of_fold(teacher, X, Y, task_of(Y), "oob", random_state)


def test_a_clone_answers_for_a_held_out_part():
    unseen = refit_answers(LinearRegression(), X, Y, task_of(Y), {}, 0)
    kept = np.setdiff1d(np.arange(200), unseen.rows)
    assert 20 < unseen.rows.size < 80
    expected = LinearRegression().fit(X[kept], Y[kept]).predict(X[unseen.rows])
    assert_allclose(unseen.answers[:, 0], expected)


def test_frozen_regressors_are_fitted_again_in_clones():
    frozen = FrozenEstimator(Ridge().fit(X[:20], Y[:20]))
    stack = StackingRegressor([("ridge", frozen)], Ridge())
    again = thawed(stack).fit(X, Y)
    assert_allclose(again.estimators_[0].coef_, Ridge().fit(X, Y).coef_)
    assert isinstance(thawed(FrozenEstimator(stack)), StackingRegressor)


def test_a_frame_of_numbers_keeps_its_columns():
    pd = pytest.importorskip("pandas")

    def numbers(X):
        return pd.DataFrame(X[:, :2], columns=["price", "age"])

    teacher = as_teacher(numbers, kind="numbers")
    for _ in range(2):
        assert_array_equal(teacher.ask(X, task_of(Y_TWO)), X[:, :2])
