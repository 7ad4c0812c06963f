"""Fewer bins for students of numbers if levels need many rows of weights."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skdistill import DistilledClassifier, DistilledRegressor, TabularEncoder
from skdistill.inputs.learn import learn_input


def table(n_levels, n_rows=1200):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n_rows, 6))).rename(columns=str)
    return X.assign(place=np.arange(n_rows) % n_levels).astype({"place": "category"})


@pytest.mark.parametrize(
    ("n_levels", "n_bins"), [(20, 256), (100, 204), (200, 192), (255, 192)]
)
def test_levels_leave_fewer_bins(n_levels, n_bins):
    learned, _ = learn_input(table(n_levels), "auto", most_rows=320)
    assert abs(learned.encoder.n_bins - n_bins) <= 20
    assert learned.encoder.n_bins >= 192
    within = learned.encoder.code_.n_rows <= 320
    assert within == (n_levels <= 100)


def test_a_given_encoder_keeps_its_bins():
    learned, _ = learn_input(table(100), TabularEncoder(), most_bins=9, most_rows=320)
    assert learned.encoder.n_bins == 256


@pytest.mark.parametrize("n_levels", [2, 255])
def test_few_bins_stay_as_many(n_levels):
    learned, _ = learn_input(table(n_levels), "auto", most_bins=128, most_rows=320)
    assert learned.encoder.n_bins == 128


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(
    ("options", "n_bins"),
    [({}, 128), ({"loss": "quantile", "quantile": (0.2, 0.7)}, 256)],
    ids=["several numbers", "several quantiles"],
)
def test_several_targets_share_fewer_bins(options, n_bins):
    X = table(3, n_rows=40)  # Too few to choose no knots.
    answers = np.column_stack([X["0"], X["0"] + 1.0])
    model = DistilledRegressor("precomputed", max_iter=1, **options)
    y = X["0"] + 0.5 if options else answers
    model.fit(X, y, teacher_prediction=answers)
    assert model.encoder_.n_bins == n_bins


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(("n_labels", "n_bins"), [(1, 256), (2, 128)])
def test_several_labels_share_fewer_bins(n_labels, n_bins):
    X = table(3, n_rows=40)
    y = (X[["0", "1"]].to_numpy() > 0).astype(int)[:, :n_labels]
    model = DistilledClassifier("precomputed", max_iter=1)
    with warnings.catch_warnings():  # One label alone is rare.
        warnings.simplefilter("ignore")
        model.fit(X, y, teacher_proba=0.1 + 0.8 * y)
    assert model.encoder_.n_bins == n_bins


@pytest.mark.usefixtures("few_steps")
def test_classes_have_all_bins_and_numbers_have_fewer():
    X = table(100, n_rows=300)
    y = X["0"].to_numpy()
    options = {"teacher": "precomputed", "max_iter": 1, "synthesizer": None}
    numbers = DistilledRegressor(**options).fit(X, y, teacher_prediction=y)
    proba = np.column_stack([y <= 0, y > 0]).astype(float)
    classes = DistilledClassifier(**options).fit(X, y > 0, teacher_proba=proba)
    assert numbers.encoder_.n_bins < classes.encoder_.n_bins == 256
    assert numbers.encoder_.code_.n_rows <= 320 < classes.encoder_.code_.n_rows
