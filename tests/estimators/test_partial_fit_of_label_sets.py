"""`partial_fit` of a classifier with a y of several labels a row."""

import warnings

import joblib
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier

from skdistill import DistilledClassifier
from tests.estimators.test_label_sets import QUICK, make_rows, mean_loss, of_forest

N_ROWS = 1500

# A student whose figures are read.
ONE_LAYER = {"hidden_layer_sizes": (32,), "weight_decay": 0.3, "random_state": 0}


def quick(teacher, **parameters):
    return DistilledClassifier(teacher, **(QUICK | {"max_iter": 2} | parameters))


@pytest.fixture(scope="module")
def rows():
    return make_rows(N_ROWS + 500)


@pytest.fixture(scope="module")
def forest(rows):
    X, y = rows
    return RandomForestClassifier(40, random_state=0).fit(X[:N_ROWS], y[:N_ROWS])


def in_parts(model, X, y, n_parts=10, **arguments):
    for part in np.array_split(np.arange(len(X)), n_parts):
        given = {name: value[part] for name, value in arguments.items()}
        model.partial_fit(X[part], None if y is None else y[part], **given)
    return model


def test_ten_parts_learn_about_as_much_as_one_fit(rows, forest):
    X, y = rows
    model = DistilledClassifier(forest, **ONE_LAYER)
    whole = model.fit(X[:N_ROWS], y[:N_ROWS]).predict_proba(X[N_ROWS:])
    model = DistilledClassifier(forest, **ONE_LAYER)
    parts = in_parts(model, X[:N_ROWS], y[:N_ROWS]).predict_proba(X[N_ROWS:])
    shares = np.broadcast_to(y.mean(axis=0), (500, 4))
    loss, constant = (mean_loss(p, y[N_ROWS:]) for p in (parts, shares))
    assert loss < mean_loss(whole, y[N_ROWS:]) + 0.04 * constant
    assert loss < mean_loss(of_forest(forest, X[N_ROWS:]), y[N_ROWS:])


def test_stored_probabilities_teach_without_labels(rows, forest):
    X, y = rows
    proba = of_forest(forest, X)
    model = quick("precomputed", max_iter=30)
    model.partial_fit(X[:500], y[:500], teacher_proba=proba[:500])
    in_parts(model, X[500:N_ROWS], None, 4, teacher_proba=proba[500:N_ROWS])
    off = np.abs(model.predict_proba(X[N_ROWS:]) - proba[N_ROWS:]).mean()
    assert off < 0.12
    assert off < 0.5 * np.abs(proba[N_ROWS:] - proba.mean(axis=0)).mean()


def test_classes_are_as_scikit_learns_network_takes_them(rows, forest, tmp_path):
    X, y = rows
    network = MLPClassifier((4,), random_state=0)
    network.partial_fit(X[:200], y[:200], classes=np.arange(4))
    student = quick(forest).partial_fit(X[:200], y[:200], classes=np.arange(4))
    assert_array_equal(student.classes_, network.classes_)
    alone = quick(forest).partial_fit(X[:200], csr_array(y[:200]))
    assert_array_equal(student.predict_proba(X), alone.predict_proba(X))
    joblib.dump(forest, tmp_path / "forest.joblib")
    by_teacher = quick(tmp_path / "forest.joblib")
    by_teacher.partial_fit(X[:200], classes=np.arange(4))
    assert by_teacher.predict(X[:5]).shape == (5, 4)


def test_it_goes_on_from_fit_and_rows_may_lack_labels(rows, forest):
    X, y = rows
    model = quick(forest).fit(X[:300], y[:300])
    before = model.n_steps_
    gaps = y.astype(float)
    gaps[::3] = np.nan
    model.partial_fit(X[300:600], gaps[300:600]).partial_fit(X[600:700])
    assert model.n_steps_ > before
    assert model.n_transfer_ >= 700
    assert model.teacher_temperature_.shape == (4,)


def test_sparse_rows(rows):
    X, y = rows
    X = csr_array(np.maximum(X, 0))
    teacher = OneVsRestClassifier(LogisticRegression())
    model = quick(teacher, n_synthetic="auto")
    model.partial_fit(X[:300], y[:300]).partial_fit(X[300:600], y[300:600])
    assert model.predict_proba(X[:7]).shape == (7, 4)


def test_a_later_part_may_lack_a_label(rows, forest):
    X, y = rows
    model = quick(forest).partial_fit(X[:300], y[:300])
    some = np.flatnonzero(y[:, 2] == 0)[:50]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.partial_fit(X[some], y[some])


def test_other_labels_are_refused_and_nothing_is_lost(rows, forest):
    X, y = rows
    X, y = X[:50], y[:50]
    model = quick(forest).fit(*(part[:200] for part in rows))
    before = model.predict_proba(X)
    wrong = {
        r"y has 3 labels, and that of the first call had 4: give a column": y[:, :3],
        r"y holds one label for each row.*that of the first call held label sets, 0 "
        r"and 1 of shape \(n_samples, n_labels\)": y[:, 0],
        "holds 2.*For label sets give 0 and 1": y + 1,
    }
    for words, other in wrong.items():
        with pytest.raises(ValueError, match=words):
            model.partial_fit(X, other)
    with pytest.raises(ValueError, match=r"classes=\[0, 1\] are not those of the form"):
        model.partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="class_weight={0: 2.0} does not suit label"):
        model.set_params(class_weight={0: 2.0}).partial_fit(X, y)
    assert_array_equal(model.predict_proba(X), before)


def test_label_sets_after_classes_are_refused(rows, forest):
    X, y = rows
    model = quick(None).partial_fit(X[:200], y[:200, 0], classes=[0, 1])
    words = r"y holds label sets.*that of the first call held one label for each row"
    with pytest.raises(ValueError, match=words):
        model.partial_fit(X[:200], y[:200])


@pytest.mark.parametrize("classes", [[0, 1], ["a", "b", "c", "d"], np.arange(5)])
def test_classes_that_are_no_numbers_of_columns_are_refused(rows, forest, classes):
    X, y = rows
    words = r"do not suit label sets of 4 labels: give .* np.arange\(4\), or leave"
    with pytest.raises(ValueError, match=words):
        quick(forest).partial_fit(X[:200], y[:200], classes=classes)


def test_a_model_of_each_label_needs_rows_of_both_kinds(rows):
    X, y = rows
    teacher = MultiOutputClassifier(LogisticRegression())
    words = "All rows have the label of column 0 of y, or none.*in the first call"
    with (
        pytest.warns(UserWarning, match="of this call ha.* unless other rows tell"),
        pytest.raises(ValueError, match=words),
    ):
        quick(teacher).partial_fit(X[:1], y[:1])
