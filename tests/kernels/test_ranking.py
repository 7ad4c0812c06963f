import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import roc_auc_score

from skdistill.report.class_measures import Ranking


@given(st.integers(0, 10**6), st.integers(2, 40), st.sampled_from([3, 10**9]))
def test_areas_are_those_of_scikit_learn(seed, n_rows, n_scores):
    """With ties and without, for several draws of weights at once."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(n_scores, size=n_rows).astype(float)
    positive = rng.permutation(np.arange(n_rows) < rng.integers(1, n_rows))
    weights = rng.uniform(0.1, 2.0, size=(n_rows, 5))
    areas = Ranking(scores, positive).areas(weights)
    for draw in range(5):
        wanted = roc_auc_score(positive, scores, sample_weight=weights[:, draw])
        assert_allclose(areas[draw], wanted, atol=1e-12)


@pytest.mark.parametrize("weightless", [True, False])
def test_without_positives_or_negatives_of_a_weight_there_is_no_area(weightless):
    positive = np.array([True, False, True, False])
    weights = np.ones((4, 2))
    weights[positive == weightless, 0] = 0.0
    areas = Ranking(np.array([0.3, 0.1, 0.2, 0.25]), positive).areas(weights)
    assert np.isnan(areas[0])
    assert areas[1] == 0.75
