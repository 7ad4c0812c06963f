"""Sparse rows, such as word counts of texts, from fit to prediction."""

import pickle
import re

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

from skdistill import DistilledClassifier, Munge, Student, TabularEncoder
from skdistill.report.control import fit_labels_alone
from skdistill.student import prediction as prediction_module
from tests import oracle

FORMATS = [
    scipy.sparse.csr_matrix,
    scipy.sparse.csr_array,
    scipy.sparse.csc_matrix,
    scipy.sparse.coo_array,
    scipy.sparse.lil_matrix,
]


def make_texts(n_rows=600, n_columns=300, n_classes=3, seed=0):
    """Logarithms of word counts. The class decides how frequent each word is."""
    rng = oracle.RNG(seed)
    topics = rng.dirichlet(np.full(n_columns, 0.1), size=n_classes)
    y = rng.integers(n_classes, size=n_rows)
    counts = np.vstack(
        [rng.multinomial(12, 0.5 * topics[c] + 0.5 / n_columns) for c in y]
    )
    return scipy.sparse.csr_matrix(np.log1p(counts)), y


@pytest.fixture(scope="module")
def texts():
    X, y = make_texts()
    return X[:400], y[:400], X[400:], y[400:]


@pytest.fixture(scope="module")
def teacher(texts):
    X, y, *_ = texts
    return LogisticRegression(C=10, max_iter=500).fit(X, y)


@pytest.fixture(scope="module", params=[(128, 64), ()], ids=str)
def model(texts, teacher, request):
    X, y, *_ = texts
    # Few steps suffice for many units.
    model = DistilledClassifier(
        teacher,
        hidden_layer_sizes=request.param,
        max_iter=20 if request.param else 300,
        random_state=0,
    )
    return model.fit(X, y)


def test_a_student_of_texts_is_as_good_as_its_teacher(texts, teacher, model):
    X, _, X_test, y_test = texts
    assert model.score(X_test, y_test) > teacher.score(X_test, y_test) - 0.04
    assert np.mean(model.predict(X_test) == teacher.predict(X_test)) > 0.9
    assert model.encoder_ is None
    assert model.n_transfer_ == X.shape[0]
    first, *_ = [*np.atleast_1d(model.hidden_layer_sizes), 3]
    assert model.coefs_[0].shape == (X.shape[1], first)


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__)
def test_any_sparse_form_gives_the_same_student(texts, model, make):
    X, y, X_test, _ = texts
    other = clone(model).fit(make(X), y)
    assert_array_equal(other.predict_proba(make(X_test)), model.predict_proba(X_test))
    assert_array_equal(
        model.student_.predict_proba(make(X_test)), model.predict_proba(X_test)
    )


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    "units", [(300, 3), (300, 1), (300, 20), (300, 17, 1), (300, 16, 8, 3)], ids=str
)
def test_sparse_rows_are_predicted_as_dense_ones(texts, monkeypatch, compiled, units):
    if not compiled:
        monkeypatch.setattr(prediction_module, "COMPILED", False)
    coefs, intercepts = oracle.random_network(units, dtype=np.float32)
    student = Student(coefs, intercepts, "silu", np.arange(max(2, units[-1])))
    X = texts[2]
    for method in ("predict_proba", "decision_function"):
        expected = getattr(student, method)(X.toarray())
        assert_allclose(getattr(student, method)(X), expected, atol=1e-5)
    assert_array_equal(student.predict(X), student.predict(X.toarray()))
    out = np.empty((X.shape[0], max(2, units[-1])), dtype=np.float32)
    assert student.predict_proba(X, out=out) is out
    assert_array_equal(out, student.predict_proba(X))
    copy = pickle.loads(pickle.dumps(student))
    assert_array_equal(copy.predict_proba(X), student.predict_proba(X))


def test_forests_and_unlabelled_texts(texts):
    X, y, X_test, y_test = texts
    forest = RandomForestClassifier(50, random_state=0).fit(X, y)
    few = DistilledClassifier(forest, random_state=0).fit(X[:60], y[:60])
    more = DistilledClassifier(forest, random_state=0)
    more.fit(X[:60], y[:60], X_unlabeled=X[60:].tocoo())
    assert more.n_transfer_ == X.shape[0]
    agreement = [
        np.mean(m.predict(X_test) == forest.predict(X_test)) for m in (few, more)
    ]
    assert agreement[1] > agreement[0]
    assert more.score(X_test, y_test) > few.score(X_test, y_test)


def test_search_pipeline_warm_start_and_control(texts, teacher, model):
    X, y, X_test, y_test = texts
    words = np.array(["red", "green", "blue", "warm", "cold", "wet"])
    rng = oracle.RNG(0)
    documents = [" ".join(rng.choice(words[c : c + 4], size=5)) for c in y % 3]
    pipeline = make_pipeline(
        TfidfVectorizer(),
        DistilledClassifier(LogisticRegression(), max_iter=3, random_state=0),
    )
    grid = {"distilledclassifier__hidden_layer_sizes": [(16,), ()]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(documents, y % 3)
    assert search.best_score_ > 0.8
    assert fit_labels_alone(model, X, y).score(X_test, y_test) > 0.6
    again = clone(model).set_params(early_stopping=True, warm_start=True)
    first = again.fit(X, y).loss_curve_[0]
    assert again.fit(X, y).loss_curve_[0] < first / 2
    assert len(again.validation_scores_) == again.n_iter_


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"encoder": TabularEncoder()}, "encoder=TabularEncoder(): X is sparse"),
        ({"synthesizer": Munge()}, "synthesizer=Munge(): X is sparse"),
    ],
    ids=str,
)
def test_options_that_exclude_sparse_rows(texts, teacher, parameters, words):
    X, y, *_ = texts
    with pytest.raises(ValueError, match=re.escape(words)):
        DistilledClassifier(teacher, **parameters).fit(X, y)


def test_sparse_rows_beside_dense_ones_are_refused(texts, teacher):
    X, y, *_ = texts
    for first, second in ((X, X.toarray()), (X.toarray(), X)):
        with pytest.raises(ValueError, match="one is sparse and the other is not"):
            DistilledClassifier(teacher, max_iter=1).fit(first, y, X_unlabeled=second)
    encoded = DistilledClassifier(teacher, max_iter=1, synthesizer=None)
    encoded.fit(X.toarray(), y)
    with pytest.raises(TypeError, match=re.escape("X is sparse: give a dense table")):
        encoded.predict(X)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite(texts, teacher, model, value):
    X, y, X_test, _ = texts
    X, X_test = X.copy(), X_test.copy()
    X.data[3] = value
    with pytest.raises(ValueError, match="contains (NaN|infinity)"):
        DistilledClassifier(teacher).fit(X, y)
    place = X_test.indptr[7]
    X_test.data[place] = value
    column = X_test.indices[place]
    found = "NaN" if np.isnan(value) else value
    with pytest.raises(ValueError, match=f"{found} in row 7, column {column}"):
        model.student_.predict(X_test)
    with pytest.raises(ValueError, match="has shape"):
        model.student_.predict(X_test[:, :5])


def test_logits_beyond_single_precision_are_named(model, texts):
    X = texts[2].copy()
    X.data[X.indptr[4] : X.indptr[5]] = 3e38
    with pytest.raises(ValueError, match="the logits of row 4 of X are beyond"):
        model.student_.predict_proba(X)


@pytest.mark.filterwarnings("ignore:the training has not converged")
@pytest.mark.parametrize("units", [(128, 64), ()], ids=str)
def test_columns_never_seen_change_nothing(texts, teacher, units):
    X, y, X_test, _ = texts
    wide = scipy.sparse.hstack([X, scipy.sparse.csr_matrix((X.shape[0], 5))]).tocsr()
    model = DistilledClassifier(
        "precomputed", max_iter=3, weight_decay=0.1, hidden_layer_sizes=units
    )
    model.fit(wide, y, teacher_proba=teacher.predict_proba(X))
    assert not model.coefs_[0][-5:].any()
    ones = scipy.sparse.csr_matrix(np.ones((X_test.shape[0], 5)))
    zeros = scipy.sparse.csr_matrix((X_test.shape[0], 5))
    answers = [
        model.predict_proba(scipy.sparse.hstack([X_test, part]))
        for part in (ones, zeros)
    ]
    assert_array_equal(*answers)


def test_no_rows_and_sparse_rows_for_a_dense_method(model, texts):
    with pytest.raises(ValueError, match="0 sample"):
        model.predict(texts[2][:0])
    with pytest.raises(ValueError, match="0 sample"):
        model.predict(texts[2][:0].toarray())
    with pytest.raises(TypeError, match=re.escape("X is sparse: give a dense table")):
        model.student_.numbers(texts[2])
