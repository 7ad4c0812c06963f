"""One class, one row for each class, and fewer rows than classes: a sentence each."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, StratifiedKFold

from skdistill import DistilledClassifier, DistilledRegressor
from tests import oracle

N_ROWS = 160
NUMBERS = oracle.RNG(0).normal(size=(N_ROWS, 4)).round(1)


def frame(numbers):
    towns = pd.Categorical(np.where(numbers[:, 0] > 0, "Rome", "Oslo"))
    return pd.DataFrame(numbers, columns=list("abcd")).assign(town=towns)


FORMS = {
    "dense": (np.asarray, {}),
    "plain": (np.asarray, {"encoder": None}),
    "sparse": (csr_array, {}),
    "table": (frame, {}),
}


@pytest.fixture(params=[(), (8,)], ids=str)
def units(request):
    return request.param


@pytest.fixture(params=FORMS)
def form(request):
    return request.param


def make_teacher(form):
    if form == "table":
        return HistGradientBoostingClassifier(
            max_iter=3, categorical_features="from_dtype"
        )
    return LogisticRegression()


def problem(form, units, n_rows, teacher=None, **parameters):
    """Return rows, and an estimator that is quickly fitted to them."""
    make, own = FORMS[form]
    parameters = {"max_iter": 2, "random_state": 0} | own | parameters
    teacher = make_teacher(form) if teacher is None else teacher
    model = DistilledClassifier(teacher, hidden_layer_sizes=units, **parameters)
    return make(NUMBERS[:n_rows]), model


def assert_refused(model, X, y, words, **arguments):
    with pytest.raises(ValueError, match=re.escape(words)):
        model.fit(X, y, **arguments)
    assert not hasattr(model, "student_")
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize("n_rows", [1, 40])
def test_one_class(form, units, n_rows):
    X, model = problem(form, units, n_rows)
    words = "y holds one class, ['a']: a classifier needs at least two"
    assert_refused(model, X, np.full(n_rows, "a"), words)
    model.set_params(teacher="precomputed")
    proba = np.full((n_rows, 2), 0.5)
    assert_refused(model, X, np.full(n_rows, "a"), words, teacher_proba=proba)


@pytest.mark.parametrize("n_rows", [2, 12, 150])
@pytest.mark.parametrize(
    "parameters", [{}, {"early_stopping": True}, {"cv": 2}], ids=str
)
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater than 50%")
def test_one_row_for_each_class_teaches_no_teacher(form, units, n_rows, parameters):
    X, model = problem(form, units, n_rows, **parameters)
    words = (
        f"y holds {n_rows} classes in {n_rows} rows, one row for each class: the "
        "teacher that is fitted here needs two rows of at least one class"
    )
    assert_refused(model, X, np.arange(n_rows), words)


@pytest.mark.parametrize("calibrate", ["auto", "refit", False])
@pytest.mark.filterwarnings("ignore:The number of unique classes is greater than 50%")
def test_a_fitted_teacher_answers_for_one_row_of_each_class(form, units, calibrate):
    n_rows = 60
    X, model = problem(form, units, n_rows)
    y = np.arange(n_rows)
    model.set_params(teacher=make_teacher(form).fit(X, y), calibrate_teacher=calibrate)
    words = "X holds 60 rows for 60 classes: the student can hardly learn a class of w"
    with pytest.warns(UserWarning, match=re.escape(words)):
        model.fit(X, y)
    assert model.predict_proba(X).shape == (n_rows, n_rows)


@pytest.mark.filterwarnings("ignore:the training has not converged")
def test_fewer_rows_than_classes(form, units):
    X, model = problem(form, units, N_ROWS)
    model.set_params(teacher=make_teacher(form).fit(X, np.arange(N_ROWS) % 20))
    few = X[:3]
    with pytest.warns(UserWarning, match="X holds 3 rows for 20 classes"):
        model.fit(few)
    assert model.predict_proba(few).shape == (3, 20)
    with pytest.warns(UserWarning, match="X holds one row for 20 classes"):
        model.fit(X[:1])
    words = "X and X_unlabeled hold together 20 rows for 20 classes"
    with pytest.warns(UserWarning, match=words):
        model.fit(few, X_unlabeled=X[3:20])
    model.fit(few, X_unlabeled=X[3:24])  # No warning: there is more than one for each.
    model.set_params(teacher="precomputed")
    proba = oracle.RNG(0).dirichlet(np.ones(5), 4)
    with pytest.warns(UserWarning, match="X holds 4 rows for 5 classes"):
        model.fit(X[:4], teacher_proba=proba)


@pytest.mark.parametrize("cv", [2, StratifiedKFold(3)])
@pytest.mark.filterwarnings("ignore:The least populated class in y has only 1 member")
def test_folds_of_one_class(form, units, cv):
    X, model = problem(form, units, 40, cv=cv)
    y = np.r_[np.zeros(39), 1]
    words = (
        f"cv={cv!r:.50} makes a fold whose rows to fit the teacher on hold one class"
    )
    assert_refused(model, X, y, words)
    model.set_params(cv=None).fit(X, y)


@pytest.mark.filterwarnings("ignore:The number of unique classes is greater than 50%")
def test_one_class_with_two_rows_is_enough(form, units):
    X, model = problem(form, units, 8)
    y = np.array([0, 1, 2, 3, 4, 5, 6, 6])
    with pytest.warns(UserWarning, match="X holds 8 rows: a teacher and a student"):
        model.fit(X, y)
    assert model.predict_proba(X).shape == (8, 7)


def test_fewer_than_ten_rows(form, units):
    """Such a fit works, but it is hardly ever meant, and it tries no decays."""
    X, model = problem(form, units, N_ROWS)
    y = np.arange(N_ROWS) % 2
    words = (
        "X holds 9 rows: a teacher and a student that learn from so few may give "
        "probabilities near 0 and 1 that are wrong. Give more labelled rows, or a "
        "fitted teacher and X_unlabeled"
    )
    with pytest.warns(UserWarning, match=re.escape(words)):
        model.fit(X[:9], y[:9])
    assert model.capacity_ is None
    with pytest.warns(UserWarning, match=re.escape(words)):
        model.fit(X[:9], y[:9], X_unlabeled=X[9:])
    model.fit(X[:10], y[:10])
    model.set_params(teacher=make_teacher(form).fit(X, y))
    with pytest.warns(UserWarning, match="X holds 9 rows: a student that learns from"):
        model.fit(X[:9])
    assert model.capacity_ is None
    model.fit(X[:9], X_unlabeled=X[9:20])


def test_two_labels_of_nearly_one_number_set_no_unit():
    X = np.random.default_rng(0).normal(size=(200, 2))
    teacher = LinearRegression().fit(X, 5.0 + 3.0 * X[:, 0])
    model = DistilledRegressor(teacher, max_iter=20, synthesizer=None, random_state=0)
    with pytest.warns(UserWarning, match="a constant answer is better"):
        model.fit(X[:2], [5.0, 5.001], X_unlabeled=X[2:])
    assert r2_score(teacher.predict(X), model.predict(X)) > 0.9


@pytest.mark.filterwarnings("ignore:X holds 9 rows")
def test_kept_answers_of_few_numbers_know_the_unit(tmp_path):
    # Other rows without labels set another unit for fewer than ten numbers.
    X, near = NUMBERS[:9], NUMBERS[9:]
    y = X[:, 0] + 0.1 * X[:, 1] ** 2

    def offset(X_unlabeled, memory):
        model = DistilledRegressor(
            LinearRegression(),
            cv=KFold(3),
            synthesizer=None,
            max_iter=1,
            memory=memory,
            random_state=0,
        )
        return model.fit(X, y, X_unlabeled=X_unlabeled).teacher_offset_

    offset(near, tmp_path)
    np.testing.assert_allclose(
        offset(50.0 * near, tmp_path), offset(50.0 * near, None), rtol=1e-6
    )
