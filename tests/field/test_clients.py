"""Settings of scikit-learn, and its clients, around a distilled estimator."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    BaggingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler

from skdistill import DistilledClassifier, TabularEncoder

X, Y = make_classification(120, 6, n_informative=4, random_state=0)
FRAME = pd.DataFrame(X, columns=list("abcdef"))
FOREST = RandomForestClassifier(10, random_state=0)


def distilled(teacher=FOREST, **parameters):
    quick = {
        "hidden_layer_sizes": (8,),
        "max_iter": 3,
        "n_synthetic": 50,
        "weight_decay": 0.3,
        "random_state": 0,
    }
    return DistilledClassifier(teacher, **{**quick, **parameters})


def same_weights(one, other):
    for mine, yours in zip(one.coefs_, other.coefs_, strict=True):
        assert_array_equal(mine, yours)
    assert_array_equal(one.student_.knot_table_, other.student_.knot_table_)


CLIENTS = {
    "cross_val_predict": lambda d, X, y: cross_val_predict(
        d, X, y, cv=2, method="predict_proba"
    ),
    "stacking": lambda d, X, y: StackingClassifier([("d", d)], cv=2).fit(X, y),
    "bagging": lambda d, X, y: BaggingClassifier(d, 2, random_state=0).fit(X, y),
    "voting": lambda d, X, y: VotingClassifier([("d", d)], voting="soft").fit(X, y),
    "one versus rest": lambda d, X, y: OneVsRestClassifier(d).fit(X, y),
    "calibration": lambda d, X, y: CalibratedClassifierCV(d, cv=2, ensemble=False).fit(
        X, y
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("labels", [["a", "b"], [1, 2]], ids=["text", "numbers"])
def test_a_client_that_encodes_labels_is_named(client, labels):
    """The teacher was fitted on labels, and the client hands over their numbers."""
    y = np.array(labels)[Y]
    model = distilled(clone(FOREST).fit(X, y))
    with pytest.raises(ValueError, match=r"y holds \[0, 1\].*LabelEncoder") as caught:
        CLIENTS[client](model, X, y)
    clients = ("OneVsRestClassifier", "CalibratedClassifierCV with ensemble=False")
    for word in ("RandomForestClassifier", repr(labels), "unfitted teacher", *clients):
        assert word in str(caught.value)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_advice_on_encoded_labels_works(client):
    y = np.array(["a", "b"])[Y]
    codes = LabelEncoder().fit_transform(y)
    for model, given in [
        (distilled(clone(FOREST).fit(X, codes)), codes),
        (distilled(FOREST), y),
    ]:
        CLIENTS[client](model, X, given)


def test_labels_that_are_unknown_otherwise_are_named_as_before():
    fitted = clone(FOREST).fit(X, np.array(["a", "b"])[Y])
    with pytest.raises(ValueError, match="y holds the label 'c', which the teacher"):
        distilled(fitted).fit(X, np.array(["a", "c"])[Y])
    with pytest.raises(ValueError, match="y holds the label 0, which the teacher"):
        distilled(fitted).fit(X, np.array([0, 7])[Y])


@pytest.mark.parametrize("output", ["pandas", "polars"])
@pytest.mark.parametrize("table", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"teacher": make_pipeline(StandardScaler(), FOREST)},
        {"encoder": TabularEncoder(n_bins=50)},
        {"early_stopping": True},
    ],
    ids=["forest", "pipeline", "own encoder", "early stopping"],
)
def test_set_config_of_frames_as_output(output, table, parameters):
    expected = distilled(**parameters).fit(table, Y)
    with sklearn.config_context(transform_output=output):
        model = distilled(**parameters).fit(table, Y)
        same_weights(model, expected)
        assert_array_equal(model.predict_proba(table), expected.predict_proba(table))


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("everywhere", ["default", "pandas"])
def test_an_encoder_with_set_output(output, everywhere):
    expected = distilled(encoder=TabularEncoder()).fit(FRAME, Y)
    encoder = TabularEncoder().set_output(transform=output)
    with sklearn.config_context(transform_output=everywhere):
        model = distilled(encoder=encoder).fit(FRAME, Y)
        same_weights(model, expected)
        warm = model.set_params(warm_start=True).fit(FRAME, Y)
        # The fitted encoder still answers as the user asked.
        frames = {"pandas": "pandas", "polars": "polars", "default": "numpy"}
        codes = warm.encoder_.transform(FRAME)
        assert type(codes).__module__.split(".")[0] == frames[output]
        assert_array_equal(np.asarray(codes), warm.encoder_.encode(FRAME))
