"""Rows that are dealt to folds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from skdistill.common.split import deal_folds


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=80),
    st.integers(2, 6),
    st.integers(0, 99),
)
def test_folds_have_the_shares_of_the_classes(labels, n_folds, seed):
    labels = np.array(labels)
    folds = deal_folds(labels, n_folds, seed)
    assert_array_equal(folds, deal_folds(labels, n_folds, seed))
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        dealt = folds[labels == label]
        if count == 1:
            assert dealt == -1
        else:
            sizes = np.bincount(dealt, minlength=n_folds)
            assert sizes.size == n_folds
            assert np.ptp(sizes) <= 1


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=80),
    st.integers(2, 6),
    st.integers(0, 99),
)
def test_a_group_is_in_one_fold_and_even_folds_come_first(groups, n_folds, seed):
    groups = np.array(groups)
    labels = np.arange(groups.size) % 2
    folds = deal_folds(labels, n_folds, seed, groups)
    assert_array_equal(folds, deal_folds(labels, n_folds, seed, groups))
    if np.unique(groups).size == 1:
        assert_array_equal(folds, deal_folds(labels, n_folds, seed))
        return
    for group in np.unique(groups):
        assert np.unique(folds[groups == group]).size == 1
    sizes = np.bincount(folds)
    assert (sizes > 0).all()
    assert sizes.size == min(n_folds, np.unique(groups).size)
    assert (np.diff(np.abs(sizes - groups.size / n_folds)) >= 0).all()


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_very_large_group_is_not_the_first_to_be_held_out(share):
    groups = np.where(np.arange(3000) < share * 3000, 0, 1 + np.arange(3000) % 30)
    folds = deal_folds(np.arange(3000) % 2, 5, 0, groups)
    assert (folds[groups == 0] == 4).all()
    assert 0 < (folds == 0).sum() <= 600
