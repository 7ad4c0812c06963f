"""Teachers of label sets that were given fitted, and repeat labels that they know."""

import warnings

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from skdistill import DistilledClassifier
from skdistill.teachers.kept_rows import keeps_rows


def rows(noise, n_rows=240):
    """Return rows with three labels, which depend on columns and on chance."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, 4))
    scores = np.column_stack([X[:, 0] + X[:, 1], X[:, 2] - X[:, 1], X[:, 3] - 0.5])
    return X, (scores + noise * rng.logistic(size=scores.shape) > 0).astype(int)


def fitted(teacher, X, y):
    model = DistilledClassifier(
        teacher.fit(X, y), hidden_layer_sizes=(8,), max_iter=2, random_state=0
    )
    return model.fit(X, y)


@pytest.mark.parametrize(
    "teacher",
    [
        KNeighborsClassifier(10, weights="distance"),
        OneVsRestClassifier(SVC(C=1e4, gamma=30.0)),
    ],
    ids=["neighbors", "SVC"],
)
def test_a_fitted_teacher_that_repeats_labels_is_named(teacher):
    with pytest.warns(UserWarning, match="Its log-loss a label on them is .*cv=5"):
        model = fitted(teacher, *rows(0.5))
    assert model.cv_.repeats_labels
    assert model.cv_.source == "teacher"


@pytest.mark.parametrize(
    ("teacher", "noise"),
    [
        (KNeighborsClassifier(20), 0.5),
        (OneVsRestClassifier(SVC(C=1000.0, kernel="linear")), 0.0),
        (MultiOutputClassifier(GaussianProcessClassifier()), 0.5),
    ],
    ids=["neighbors", "SVC", "Gaussian process"],
)
def test_other_fitted_teachers_are_not_blamed(teacher, noise):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not fitted(teacher, *rows(noise)).cv_.repeats_labels


def test_which_models_keep_rows():
    X, y = rows(0.5)
    for model, keeps in (
        (KNeighborsClassifier(), True),
        (MultiOutputClassifier(KNeighborsClassifier()), True),
        (MultiOutputClassifier(GaussianProcessClassifier()), True),
        (MultiOutputClassifier(LogisticRegression()), False),
    ):
        model.fit(X, y)
        assert keeps_rows(model, X, y, "label_sets") == keeps
        assert not keeps_rows(model, X[::-1] + 1.0, np.roll(y, 3, axis=0), "label_sets")


def test_a_model_that_keeps_one_label_of_each_row():
    X, y = rows(0.5)

    class Model:
        def __init__(self, kept):
            self.kept = kept

    assert keeps_rows(Model(np.array(["no", "yes"])[y[:, 1]]), X, y, "label_sets")
    assert keeps_rows(Model(y), X, y, "label_sets")
    assert not keeps_rows(Model(np.roll(y[:, 1], 3)), X, y, "label_sets")
