"""The encoder without knots, made from one with knots."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from skdistill import TabularEncoder
from skdistill.inputs.without_knots import without_knots
from tests import oracle


def table(n_rows=200):
    rng = oracle.RNG(3)
    columns = {
        "number": rng.normal(size=n_rows),
        "count": rng.integers(5, size=n_rows),
        "two": rng.integers(2, size=n_rows),
        "level": rng.choice(["a", "b", "c"], n_rows),
        "time": 1.7e9 + rng.uniform(size=n_rows),
        "gaps": np.where(rng.uniform(size=n_rows) < 0.2, np.nan, rng.normal(n_rows)),
        "one_or_none": np.where(rng.uniform(size=n_rows) < 0.2, np.nan, 4.0),
        "two_or_none": np.where(
            rng.uniform(size=n_rows) < 0.2, np.nan, rng.integers(2, size=n_rows)
        ),
        "constant": np.ones(n_rows),
        "heavy": rng.standard_cauchy(n_rows),
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize("n_bins", [256, 8, 2, 0])
def test_it_equals_an_encoder_that_is_fitted_without_bins(n_bins):
    X = table()
    encoder = TabularEncoder(n_bins=n_bins, max_categories=2).fit(X)
    before = encoder.code_
    found = without_knots(encoder)
    expected = TabularEncoder(n_bins=0, max_categories=2).fit(X)
    assert found.get_params() == expected.get_params()
    assert encoder.code_ is before
    assert vars(found).keys() == vars(expected).keys()
    assert found.code_ == expected.code_
    assert_array_equal(found.transform(X), expected.transform(X))
    assert_array_equal(found.get_feature_names_out(), expected.get_feature_names_out())
    for name in ("mean_", "scale_", "offsets_", "left_out_"):
        assert_array_equal(getattr(found, name), getattr(expected, name))
