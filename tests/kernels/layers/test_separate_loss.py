"""Losses of numbers and label sets against the terms of their definitions, in NumPy."""

import platform

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config
from numpy.testing import assert_allclose

from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.kernels.layers.separate_loss import (
    ROUNDED_WIDTH,
    binary_gradient,
    curve_gradient,
)
from skdistill.training.records import make_objective, n_folded
from tests import oracle
from tests.kernels.number_rows import ROUNDED, TERMS, NumberRows, network_gradient

LOSSES = pytest.mark.parametrize("loss", sorted(TERMS))


def evaluated(rows, scale=1.0, capacity=None):
    """Return the loss of a kernel, its slopes, and its buffer beyond the rows."""
    n_rows, n_outputs = rows.units.shape
    capacity = capacity or n_rows
    transfer_set = rows.transfer_set(np.zeros((n_rows, 1), np.float32))
    width = n_folded(transfer_set, rows.plan)
    units = aligned_zeros(n_outputs, capacity)
    units[...] = 7.0
    units[:, :n_rows] = rows.units.T
    folded = np.empty((n_rows, width), np.float32)
    constant = rows.task.fold(
        rows.targets,
        rows.labels,
        rows.soft,
        rows.hard,
        rows.loss,
        rows.parameter,
        folded,
    )
    targets = aligned_zeros(width + 3, capacity)
    targets[:width, :n_rows] = folded.T
    targets[width:, :n_rows] = rows.soft, rows.hard, constant
    if rows.loss == "binary":
        kernel, extra = binary_gradient, aligned_zeros(1, capacity)
    else:
        kernel = curve_gradient
        extra = make_objective(transfer_set, rows.plan).curves
    total = kernel(units, targets, extra, n_rows, np.float32(scale))
    return total, units[:, :n_rows].T, units[:, n_rows:]


@LOSSES
@settings(max_examples=40, deadline=None)
@given(
    n_rows=st.integers(1, 70),
    n_outputs=st.integers(1, 9),
    seed=st.integers(0, 1000),
    scale=st.sampled_from([1.0, 1 / 16, 1 / 200]),
    parameter=st.sampled_from([0.1, 1.35, 30.0]),
)
def test_the_loss_of_a_batch_and_its_slopes(
    loss, n_rows, n_outputs, seed, scale, parameter
):
    rows = NumberRows(n_rows, n_outputs, loss, seed, parameter)
    if loss in ROUNDED:
        rows.keep_away_from(rows.units)
    total, slopes, _ = evaluated(rows, scale)
    expected = rows.oracle_losses(rows.units)
    # A rounded error is less than the exact one by half its width.
    lost = (
        ROUNDED_WIDTH * n_outputs * (rows.soft + rows.hard).sum()
        if loss in ROUNDED
        else 0.0
    )
    assert_allclose(total, expected.sum(), rtol=2e-5, atol=2e-5 * n_rows + lost)
    numerical = scale * rows.numerical_slopes(rows.units)
    assert_allclose(slopes, numerical, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("loss", ROUNDED)
def test_near_its_target_a_slope_passes_zero_without_a_jump(loss):
    rows = NumberRows(401, 1, loss)
    rows.soft[:], rows.hard[:] = 0.0, 2.0
    rows.targets[:], rows.labels[:] = 5.0, 0.0
    rows.units[:, 0] = np.linspace(-2 * ROUNDED_WIDTH, 2 * ROUNDED_WIDTH, 401)
    total, slopes, _ = evaluated(rows)
    assert (np.abs(np.diff(slopes[:, 0])) < 0.025).all()
    p = 0.5 if loss == "absolute_error" else rows.quantiles[0]
    factor = 2.0 * (2.0 if loss == "absolute_error" else 1.0)
    assert_allclose(slopes[[0, -1], 0], [-factor * p, factor * (1 - p)], rtol=1e-5)
    assert slopes[200, 0] == pytest.approx(0.0, abs=1e-3)
    lost = rows.oracle_losses(rows.units).sum() - total
    assert 0.0 < lost <= 401 * 2.0 * ROUNDED_WIDTH


@LOSSES
def test_rows_beyond_the_batch_stay_as_they_are(loss):
    _, _, beyond = evaluated(NumberRows(13, 3, loss), capacity=48)
    assert (beyond == 7.0).all()


@LOSSES
def test_a_row_whose_weights_are_zero_has_no_loss(loss):
    rows = NumberRows(9, 2, loss)
    rows.soft[:], rows.hard[:] = 0.0, 0.0
    rows.labels[:] = np.nan
    total, slopes, _ = evaluated(rows)
    assert total == 0.0
    assert (slopes == 0.0).all()


@LOSSES
@pytest.mark.parametrize("term", ["soft", "hard"])
def test_a_term_whose_weight_is_zero_counts_for_nothing(loss, term):
    """Another teacher or other labels change no bit where they have no weight."""
    rows = NumberRows(9, 2, loss)
    rows.soft[:], rows.hard[:] = 1.0, 1.0
    rows.labels[:] = 1.0
    getattr(rows, term)[:] = 0.0
    before = evaluated(rows)
    if term == "soft":
        rows.targets[:] = 0.25
    else:
        rows.labels[:] = np.nan
    after = evaluated(rows)
    assert before[0] == after[0]
    np.testing.assert_array_equal(before[1], after[1])


@LOSSES
def test_nan_shows_in_loss_and_slopes(loss):
    rows = NumberRows(9, 2, loss)
    rows.soft[:] = 1.0
    rows.units[4, 1] = np.nan
    total, slopes, _ = evaluated(rows)
    assert np.isnan(total)
    assert np.isnan(slopes[4, 1])
    assert np.isnan(slopes).sum() == 1


@pytest.mark.parametrize("size", [20.0, 1e3, 1e30])
def test_great_logits_of_label_sets_do_not_overflow(size):
    rows = NumberRows(8, 3, "binary")
    rows.soft[:], rows.hard[:], rows.labels[:] = 0.0, 1.0, 1.0
    signs = np.where(oracle.RNG(0).random((8, 3)) < 0.5, -1.0, 1.0)
    rows.units[...] = size * signs
    total, slopes, _ = evaluated(rows)
    assert_allclose(total, size * (signs < 0).sum(), rtol=1e-5, atol=1e-4)
    assert_allclose(slopes, np.where(signs < 0, -1.0, 0.0), atol=1e-6)


@LOSSES
@pytest.mark.parametrize("is_sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("units", [(5, 8, 1), (4, 7, 3), (3, 16, 9, 20)], ids=str)
def test_the_gradient_of_a_network(loss, is_sparse, units):
    # More rows than a chunk, and the last chunk is not full.
    rows = NumberRows(299, units[-1], loss)
    losses, gradients = network_gradient(rows, units, is_sparse=is_sparse)
    assert_allclose(*losses, rtol=2e-3 if loss in ROUNDED else 1e-5)
    for found, wanted in zip(*gradients, strict=True):
        assert_allclose(found, wanted, rtol=2e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "logistic", "silu"])
def test_the_gradient_of_each_activation(activation):
    rows = NumberRows(40, 2, "huber")
    losses, gradients = network_gradient(rows, (5, 8, 2), activation=activation)
    assert_allclose(*losses, rtol=1e-5)
    for found, wanted in zip(*gradients, strict=True):
        assert_allclose(found, wanted, rtol=2e-4, atol=1e-5)


@pytest.mark.skipif(
    bool(config.DISABLE_JIT) or platform.machine().lower() not in ("x86_64", "amd64"),
    reason="instructions of a CPU of x86",
)
@pytest.mark.parametrize(
    ("kernel", "loss"), [(binary_gradient, "binary"), (curve_gradient, "quantile")]
)
def test_loops_over_rows_use_vectors(kernel, loss):
    """Without them there would be no product of packed numbers."""
    evaluated(NumberRows(20, 2, loss, 0, 1.0))
    compiled = kernel._compile_for_args.__self__
    code = "".join(compiled.inspect_asm().values())
    # The last few rows are computed one by one.
    assert code.count("mulps") >= code.count("mulss") > 0
