"""Losses of numbers in double precision, against the terms of their definitions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.tasks.exact_loss import MeanLoss
from tests.kernels.number_rows import NumberRows

LOSSES = ["squared_error"]


def mean_loss(rows, some=slice(None)):
    X = np.zeros((len(rows.units), 1), np.float32)
    return MeanLoss(rows.transfer_set(X), some, rows.loss, rows.parameter)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n_outputs", [1, 2, 5])
def test_the_loss_is_that_of_the_formula(loss, n_outputs):
    rows = NumberRows(31, n_outputs, loss)
    units = rows.units.astype(np.float64)
    found, slopes = mean_loss(rows)(units)
    assert_allclose(found, rows.oracle_losses(units).mean(), rtol=1e-12)
    numerical = rows.numerical_slopes(units) / len(units)
    assert_allclose(slopes, numerical, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", LOSSES)
def test_some_rows_count_alone(loss):
    rows, some = NumberRows(31, 2, loss), np.array([2, 5, 11])
    units = rows.units[some].astype(np.float64)
    found, slopes = mean_loss(rows, some)(units)
    expected = rows.oracle_losses(rows.units)[some].mean()
    assert_allclose(found, expected, rtol=1e-12)
    assert slopes.shape == (3, 2)
