"""Members of forests of label sets, which answer for the rows that they left out."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdistill.tasks.label_sets import LabelSetting
from skdistill.teachers.out_of_bag import out_of_bag_answers

X, Y = make_multilabel_classification(300, 8, n_classes=4, random_state=0)
TASK = LabelSetting(4)


def forest(**parameters):
    return RandomForestClassifier(40, random_state=0, **parameters)


def means_of_left_out(model, X, y):
    """Return the means over the trees that left a row out, tree by tree."""
    sums, times = np.zeros(y.shape), np.zeros((len(y), 1))
    for tree, sample in zip(model.estimators_, model.estimators_samples_, strict=True):
        out = np.setdiff1d(np.arange(len(y)), sample)
        for label, table in enumerate(tree.predict_proba(X[out])):
            if 1 in model.classes_[label]:
                sums[out, label] += table[:, list(model.classes_[label]).index(1)]
        times[out] += 1
    return sums / times


def test_trees_answer_for_the_rows_that_they_left_out():
    model = forest().fit(X, Y)
    assert_allclose(
        out_of_bag_answers(model, X, Y, TASK), means_of_left_out(model, X, Y)
    )


def test_stored_means_are_the_same():
    stored = forest(oob_score=True).fit(X, Y)
    expected = out_of_bag_answers(forest().fit(X, Y), X, Y, TASK)
    assert_allclose(out_of_bag_answers(stored, X, Y, TASK), expected)


@pytest.mark.parametrize(("label", "expected"), [(0, 0.0), (1, 1.0)])
def test_a_label_of_no_row_or_of_all(label, expected):
    y = Y.copy()
    y[:, 2] = label
    answers = out_of_bag_answers(forest().fit(X, y), X, y, TASK)
    assert (answers[:, 2] == expected).all()
    assert 0.0 < answers[:, 0].mean() < 1.0


def test_extra_trees_and_pipelines():
    trees = ExtraTreesClassifier(40, bootstrap=True, random_state=0)
    model = make_pipeline(StandardScaler(), trees).fit(X, Y)
    assert np.isfinite(out_of_bag_answers(model, X, Y, TASK)).all()


@pytest.mark.parametrize(
    ("model", "y"),
    [
        (forest(bootstrap=False).fit(X, Y), Y),
        (forest().fit(X, Y[:, 0]), Y),
        (forest().fit(X, Y), Y[:, ::-1]),
        (forest().fit(X, Y), 1 - Y),
        (forest().fit(X[::-1], Y[::-1]), Y),
        (forest().fit(X, 2 * Y), Y),
        (forest().fit(X, Y[:, :3]), Y),
    ],
    ids=["no sample", "one label", "order", "absence", "rows", "classes", "fewer"],
)
def test_forests_of_other_labels_have_no_answers(model, y):
    assert out_of_bag_answers(model, X, y, TASK) is None
