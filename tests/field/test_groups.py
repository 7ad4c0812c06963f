"""Rows of groups, as the visits of patients, are held out together everywhere."""

import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from skdistill import DistilledClassifier
from skdistill.common.split import hold_out


def visits(n_patients, seed, per=10):
    """Ten nearly equal rows of each patient, with one label that chance decides."""
    rng = np.random.default_rng(seed)
    patients = rng.normal(size=(n_patients, 8))
    labels = patients[:, 0] + patients[:, 1] + 2 * rng.normal(size=n_patients) > 0
    groups = np.repeat(np.arange(n_patients), per)
    X = patients[groups] + 0.02 * rng.normal(size=(groups.size, 8))
    return X, labels[groups].astype(int), groups


@pytest.mark.parametrize("cv", [GroupKFold(4), StratifiedGroupKFold(4)])
@pytest.mark.parametrize("early_stopping", [False, True])
def test_labels_alone_are_not_judged_on_patients_that_they_know(cv, early_stopping):
    X, y, groups = visits(150, seed=0)
    model = DistilledClassifier(
        RandomForestClassifier(30, min_samples_leaf=20, random_state=0),
        cv=cv,
        early_stopping=early_stopping,
        hidden_layer_sizes=(16,),
        max_iter=10,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Zero weights and rows without labels shift the numbers of the rows.
        weights = np.where(np.arange(len(y)) % 7 == 0, 0.0, 1.0)
        model.fit(X, y, weights, X_unlabeled=X[:20] + 1, groups=groups)
    assert model.follows_teacher_
    assert 0.3 < model.teacher_share_ < 0.7
    X_new, y_new, _ = visits(500, seed=1)
    assert log_loss(y_new, model.predict_proba(X_new)) < 0.85


def test_whole_groups_are_held_out():
    rows = np.arange(1000, 1300)
    groups = np.random.default_rng(0).integers(40, size=300) * 3
    for seed in range(5):
        kept, held_out = hold_out(rows, np.zeros(300), 0.12, seed, groups)
        assert np.array_equal(np.sort(np.r_[kept, held_out]), rows)
        assert not np.isin(groups[held_out - 1000], groups[kept - 1000]).any()
        assert 36 <= held_out.size < 60
    # One of two groups is held out. A single group cannot be kept together.
    kept, held_out = hold_out(rows, np.zeros(300), 0.12, 0, np.arange(300) > 100)
    assert {kept.size, held_out.size} == {101, 199}
    kept, held_out = hold_out(rows, np.zeros(300), 0.12, 0, np.zeros(300, int))
    assert held_out.size == 36
