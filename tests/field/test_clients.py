"""Settings of scikit-learn, and its clients, around a distilled estimator."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from numpy.testing import assert_array_equal
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

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
