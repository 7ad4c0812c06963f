"""Linear students of sparse rows: copies of linear teachers, and fewer columns."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import normalize

from skdistill import DistilledClassifier, Student
from tests.estimators.test_sparse import make_texts


def texts(n_classes, unit=True):
    X, y = make_texts(240, 300, n_classes)
    names = np.array(["pear", "apple", "fig", "date"])[y]
    return (csr_array(normalize(X)) if unit else X), names


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize(
    "teacher",
    [LogisticRegression(C=10), SGDClassifier("log_loss", random_state=0)],
    ids=["logistic", "SGD"],
)
def test_a_linear_teacher_gives_its_weights(teacher, n_classes):
    X, y = texts(n_classes)
    model = DistilledClassifier(teacher, random_state=0, weight_dtype="float32")
    model.fit(X, y)
    fitted, temperature = model.teacher_, model.teacher_temperature_
    is_softmax = n_classes == 2 or isinstance(teacher, LogisticRegression)
    assert (model.n_steps_ == 0) == is_softmax
    if is_softmax:
        assert_allclose(model.coefs_[0], fitted.coef_.T / temperature, rtol=1e-5)
        assert_array_equal(model.predict(X), fitted.predict(X))


def test_one_against_the_rest_is_fitted_to_its_answers():
    X, y = texts(4)
    teacher = OneVsRestClassifier(LogisticRegression(C=10))
    model = DistilledClassifier(teacher, random_state=0).fit(X, y)
    assert model.n_steps_ > 0
    assert np.mean(model.predict(X) == model.teacher_.predict(X)) > 0.95


@pytest.mark.parametrize("unit", [True, False])
def test_max_terms_keeps_so_many_columns(unit, tmp_path):
    X, y = texts(4, unit)
    model = DistilledClassifier(LogisticRegression(C=10), max_terms=40, random_state=0)
    model.fit(X, y)
    kept = model.student_.kept_columns
    assert len(kept.places) == model.pruning_.n_terms == 40
    assert model.n_features_in_ == 300
    # Rows are scaled to unit length again only if they had it.
    assert len(kept.unit_blocks) == unit
    other = X.toarray()
    other[:, np.setdiff1d(np.arange(300), kept.places)] = 0.0
    assert_allclose(model.predict_proba(csr_array(other)), model.predict_proba(X))
    model.student_.save(tmp_path / "student.npz")
    again = Student.load(tmp_path / "student.npz")
    assert_array_equal(again.predict_proba(X), model.predict_proba(X))


def test_a_given_decay_stays_and_an_uncalibrated_student_is_not_divided():
    X, y = texts(4)
    model = DistilledClassifier(
        LogisticRegression(C=10),
        max_terms=40,
        weight_decay=0.003,
        calibrate_teacher=False,
        random_state=0,
    ).fit(X, y)
    assert model.weight_decay_ == model.pruning_.weight_decay == 0.003
    assert model.pruning_.temperature == 1.0


def test_a_number_of_columns_of_dense_rows_is_refused():
    X, y = texts(2)
    model = DistilledClassifier(LogisticRegression(), max_terms=40)
    with pytest.raises(ValueError, match="max_terms=40, and X is dense"):
        model.fit(X.toarray(), y)
