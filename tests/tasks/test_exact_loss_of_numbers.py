"""Losses of numbers in double precision, against the terms of their definitions."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.tasks.exact_loss import CONVEX_WIDTH, MeanLoss
from tests.kernels.number_rows import ROUNDED, TERMS, NumberRows

LOSSES = pytest.mark.parametrize("loss", sorted(TERMS))


def make_rows(n_outputs, loss):
    rows = NumberRows(31, n_outputs, loss)
    if loss in ROUNDED:
        rows.keep_away_from(rows.units)
    return rows


def mean_loss(rows, some=slice(None)):
    X = np.zeros((len(rows.units), 1), np.float32)
    return MeanLoss(rows.transfer_set(X), some, rows.loss, rows.parameter)


@LOSSES
@pytest.mark.parametrize("n_outputs", [1, 2, 5])
def test_the_loss_is_that_of_the_formula(loss, n_outputs):
    rows = make_rows(n_outputs, loss)
    units = rows.units.astype(np.float64)
    found, slopes = mean_loss(rows)(units)
    expected = rows.oracle_losses(units).mean()
    if loss in ROUNDED:
        lost = CONVEX_WIDTH * n_outputs * (rows.soft + rows.hard).mean()
        assert 0.0 < expected - found < lost
    else:
        assert_allclose(found, expected, rtol=1e-12)
    numerical = rows.numerical_slopes(units) / len(units)
    assert_allclose(slopes, numerical, rtol=1e-6, atol=1e-8)


@LOSSES
def test_slopes_are_derivatives_at_any_error(loss):
    """Errors of the size at which slopes of an absolute error are rounded off."""
    rows = NumberRows(31, 2, loss)
    units = rows.targets + 2.0 * CONVEX_WIDTH * rows.units.astype(np.float64)
    exact, step = mean_loss(rows), 1e-8
    _, slopes = exact(units)
    for index in np.ndindex(units.shape):
        change = np.zeros(units.shape)
        change[index] = step
        above, below = exact(units + change)[0], exact(units - change)[0]
        assert slopes[index] == pytest.approx((above - below) / 2 / step, abs=1e-6)


@LOSSES
def test_some_rows_count_alone(loss):
    rows, some = make_rows(2, loss), np.array([2, 5, 11])
    units = rows.units[some].astype(np.float64)
    found, slopes = mean_loss(rows, some)(units)
    expected = rows.oracle_losses(rows.units)[some].mean()
    assert_allclose(found, expected, rtol=5e-2 if loss in ROUNDED else 1e-12)
    assert slopes.shape == (3, 2)


def test_one_quantile_serves_all_outputs():
    rows = make_rows(3, "quantile")
    rows.quantiles = (0.8,) * 3
    rows.task.levels = (0.8,)
    units = rows.units.astype(np.float64)
    found, slopes = mean_loss(rows)(units)
    assert_allclose(found, rows.oracle_losses(units).mean(), rtol=5e-2)
    numerical = rows.numerical_slopes(units) / len(units)
    assert_allclose(slopes, numerical, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("size", [1e3, 1e8])
def test_great_logits_of_label_sets_do_not_overflow(size):
    rows = NumberRows(31, 2, "binary")
    with np.errstate(over="raise", invalid="raise"):
        loss, slopes = mean_loss(rows)(size * rows.units.astype(np.float64))
    assert np.isfinite(loss)
    assert np.isfinite(slopes).all()
