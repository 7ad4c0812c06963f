"""A student of sparse rows without hidden layers: a linear one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB

from skdistill import DistilledClassifier, Student, compress_to, smallest_within
from skdistill.export import quantize
from skdistill.model_selection import student_bytes
from skdistill.training.convex import ConvexSolver
from tests import oracle
from tests.estimators.test_sparse import make_texts


@pytest.fixture(scope="module", params=[2, 3, 20])
def texts(request):
    return make_texts(300, 120, request.param)


@pytest.fixture(scope="module")
def teacher(texts):
    return LogisticRegression(C=10).fit(*texts)


def linear(teacher, **parameters):
    parameters = {"weight_decay": 0.1, "random_state": 0} | parameters
    return DistilledClassifier(teacher, hidden_layer_sizes=(), **parameters)


@pytest.fixture(scope="module")
def model(texts, teacher):
    return linear(teacher).fit(*texts)


def test_it_learns_a_linear_teacher_exactly(texts, teacher):
    """Of the convex loss, the teacher itself is the only optimum."""
    X, y = texts
    model = linear(
        teacher,
        distillation_weight=1.0,
        weight_decay=0.0,
        calibrate_teacher=False,
        max_iter=600,
        weight_dtype="float32",
    ).fit(X, y)
    assert_allclose(model.predict_proba(X), teacher.predict_proba(X), atol=0.01)
    assert_array_equal(model.predict(X), teacher.predict(X))


def test_labels_alone_reach_the_optimum_of_the_log_loss():
    X, y = make_texts(400, 30, 3)
    best = LogisticRegression(C=np.inf, max_iter=5000, tol=1e-8).fit(X, y)
    model = linear(best, distillation_weight=0.0, weight_decay=0.0, max_iter=2000).fit(
        X, y
    )
    assert_allclose(model.predict_proba(X), best.predict_proba(X), atol=0.02)


def test_the_start_is_zero_and_columns_without_a_value_stay_there(texts, teacher):
    X, y = texts
    wide = csr_array((X.data, X.indices, X.indptr), shape=(X.shape[0], 130))
    model = linear("precomputed", max_iter=3, weight_dtype="float32")
    with pytest.warns(UserWarning, match="has not converged after 3 steps"):
        model.fit(wide, y, teacher_proba=teacher.predict_proba(X))
    first, *others = model.coefs_
    assert first.shape == (130, model.student_.layer_units[-1])
    assert not others
    assert not first[X.shape[1] :].any()
    assert first[: X.shape[1]].any()


def test_one_row_many_rows_out_and_threads(texts, model):
    X, student = texts[0], model.student_
    expected = student.predict_proba(X.toarray())
    whole = student.predict_proba(X)
    assert_allclose(whole, expected, atol=1e-6)
    one = np.vstack([student.predict_proba(X[[i]]) for i in range(20)])
    assert_allclose(one, expected[:20], atol=1e-6)
    for n_jobs in (1, 2, -1):
        out = np.empty_like(expected)
        assert student.predict_proba(X, out=out, n_jobs=n_jobs) is out
        assert_array_equal(out, whole)
    assert_allclose(
        student.decision_function(X), student.decision_function(X.toarray()), atol=1e-5
    )
    assert_array_equal(model.predict(X), student.predict(X))
    empty = csr_array((2, X.shape[1]))
    assert_allclose(
        student.predict_proba(empty), student.predict_proba(empty.toarray()), atol=1e-6
    )


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_files_and_types_of_weights(texts, model, dtype, tmp_path):
    X = texts[0]
    student = quantize(model.student_, dtype).student
    student.save(tmp_path / "student.npz")
    again = Student.load(tmp_path / "student.npz")
    assert again.weight_dtype == dtype
    assert again.n_layers_ == 2
    assert_array_equal(again.predict_proba(X), student.predict_proba(X))
    again.save(tmp_path / "again.npz")
    first, second = (
        (tmp_path / f"{name}.npz").read_bytes() for name in ("student", "again")
    )
    assert first == second
    assert_allclose(student.predict_proba(X), model.predict_proba(X), atol=0.05)


def test_a_warm_start_continues(texts, teacher):
    model = linear(
        teacher, warm_start=True, weight_dtype="float32", calibrate_teacher=False
    )
    first = model.fit(*texts).loss_curve_
    assert model.fit(*texts).n_iter_ < len(first) / 2
    assert_allclose(model.loss_, first[-1], rtol=1e-4)
    model.set_params(hidden_layer_sizes=(3,))
    with pytest.raises(ValueError, match="warm_start needs the same units"):
        model.fit(*texts)


@pytest.mark.filterwarnings("ignore:the training has not converged")
def test_searches_find_it_beside_hidden_units(texts, teacher):
    X, y = texts
    grid = {"hidden_layer_sizes": [(64,), ()]}
    found = GridSearchCV(
        linear(teacher, max_iter=10),
        grid,
        scoring={"score": "accuracy", "bytes": student_bytes},
        refit=smallest_within(0.5),
        cv=2,
    ).fit(X, y)
    assert found.best_params_ == {"hidden_layer_sizes": ()}
    proba = teacher.predict_proba(X)
    for start in ((), (8,)):
        compression = compress_to(
            linear("precomputed", max_iter=5).set_params(hidden_layer_sizes=start),
            X,
            y,
            teacher_proba=proba,
            max_points_lost=90,
            random_state=0,
        )
        tried = {row.hidden_layer_sizes for row in compression.path_}
        assert () in tried
        assert (tried == {()}) == (start == ())
        assert compression.estimator_.predict(X).shape == y.shape


def test_unlabelled_rows_weights_of_rows_and_early_stopping(texts, teacher):
    X, y = texts
    weights = oracle.RNG(0).uniform(0.5, 2.0, 200)
    model = linear(teacher, early_stopping=True, class_weight="balanced")
    model.fit(X[:200], y[:200], sample_weight=weights, X_unlabeled=X[200:])
    assert model.n_transfer_ == X.shape[0]
    assert len(model.validation_scores_) == model.n_iter_
    again = linear(teacher, early_stopping=True, class_weight="balanced")
    again.fit(X[:200], y[:200], sample_weight=weights, X_unlabeled=X[200:])
    assert_array_equal(model.coefs_[0], again.coefs_[0])


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_training_that_has_not_converged(texts, teacher, early_stopping):
    X, y = texts
    model = linear(teacher, early_stopping=early_stopping, max_iter=2)
    with pytest.warns(UserWarning, match="has not converged after 2 steps"):
        model.fit(X, y)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_weights_beyond_single_precision(texts, teacher, early_stopping, monkeypatch):
    X, y = texts
    units = len(teacher.intercept_)
    parts = np.full((X.shape[1], units), 1e39), np.zeros(units)
    monkeypatch.setattr(ConvexSolver, "parts", parts)
    model = linear(teacher, early_stopping=early_stopping)
    with pytest.raises(ValueError, match="weights that are not finite.*scale the col"):
        model.fit(X, y)
    assert not hasattr(model, "student_")


def test_a_target_that_is_not_reached(texts, teacher):
    model = linear(teacher, early_stopping=True, scoring="accuracy", target_score=1.0)
    with pytest.warns(UserWarning, match="target_score=1 was not reached: the student"):
        model.fit(*texts)


def test_a_decay_that_no_step_could_take(texts, teacher):
    """A convex training has no learning rate that a decay has to suit."""
    X, y = texts
    model = linear(teacher, weight_decay=60.0).fit(X, y)
    assert model.weight_decay_ == 60.0
    assert 0.0 < np.abs(model.coefs_[0]).max() < 0.1
    again = linear(teacher, weight_decay=60.0).set_params(hidden_layer_sizes="auto")
    assert_array_equal(again.fit(X, y).coefs_[0], model.coefs_[0])
    for rows, hidden in ((X, (4,)), (X.toarray(), ()), (X.toarray(), "auto")):
        model.set_params(hidden_layer_sizes=hidden)
        with pytest.raises(ValueError, match="weight_decay=60.0 times learning_rate"):
            model.fit(rows, y)


def test_a_network_learns_how_columns_act_together():
    """Its decay has to suit steps; a linear student takes any, and learns nothing."""
    columns = oracle.RNG(0).random((400, 6)) < 0.5
    X, y = csr_array(columns.astype(float)), columns[:, 0] ^ columns[:, 1]
    forest = RandomForestClassifier(50, random_state=0)
    model = DistilledClassifier(forest, random_state=0, warm_start=True).fit(X, y)
    assert model.student_.layer_units == [6, 128, 64, 1]
    assert model.score(X, y) == 1.0
    assert model.student_temperature_ == 1.0
    with pytest.raises(ValueError, match="weight_decay=60.0 times learning_rate"):
        model.set_params(weight_decay=60.0).fit(X, y)
    model.set_params(warm_start=False).fit(X, y)
    assert model.student_.layer_units == [6, 1]


def test_more_columns_than_rows_take_no_network():
    X, y = make_texts(60, 300, 2)
    forest = RandomForestClassifier(20, random_state=0)
    model = DistilledClassifier(forest, random_state=0).fit(X, y)
    assert model.student_.layer_units == [300, 1]
    assert {tried.hidden_layer_sizes for tried in model.capacity_.candidates} == {()}


def test_integer_weights_are_repeated_rows(texts, teacher):
    X, y = texts
    weights = oracle.RNG(1).integers(1, 4, size=len(y))
    rows = np.repeat(np.arange(len(y)), weights)
    answers = teacher.predict_proba(X)
    parameters = {"weight_dtype": "float32", "calibrate_teacher": False}
    one, other = (linear("precomputed", **parameters) for _ in range(2))
    one.fit(X, y, sample_weight=weights, teacher_proba=answers)
    other.fit(X[rows], y[rows], teacher_proba=answers[rows])
    assert_allclose(one.predict_proba(X), other.predict_proba(X), atol=2e-4)


def test_the_temperature_of_a_student_divides_its_logits(texts):
    X, y = texts
    answers = MultinomialNB().fit(X, y).predict_proba(X)
    parameters = {
        "distillation_weight": 1e-9,
        "weight_decay": 0.01,
        "weight_dtype": "float32",
    }
    one = linear("precomputed", **parameters)
    other = linear("precomputed", calibrate_teacher=False, **parameters)
    for model in (one, other):
        model.fit(X, y, teacher_proba=answers)
    assert other.student_temperature_ == 1.0
    assert one.student_temperature_ < 0.9
    assert_allclose(
        one.coefs_[0] * one.student_temperature_, other.coefs_[0], atol=1e-5
    )
