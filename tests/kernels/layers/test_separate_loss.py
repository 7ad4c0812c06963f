"""Losses of numbers against the terms of their definitions, in NumPy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from skdistill.kernels.layers.layout import aligned_zeros
from skdistill.kernels.layers.separate_loss import squared_error_gradient
from tests.kernels.number_rows import NumberRows, NumberTask, network_gradient

LOSSES = ["squared_error"]
KERNELS = {"squared_error": squared_error_gradient}


def evaluated(rows, scale=1.0, capacity=None):
    """Return the summed loss of a kernel, its slopes, and its whole buffer."""
    n_rows, n_outputs = rows.units.shape
    capacity = capacity or n_rows
    buffers = [aligned_zeros(n_outputs, capacity) for _ in range(2)]
    targets, sums = aligned_zeros(n_outputs + 3, capacity), aligned_zeros(3, capacity)
    buffers[0][...] = 7.0
    buffers[0][:, :n_rows] = rows.units.T
    folded = np.empty((n_rows, n_outputs), np.float32)
    constant = NumberTask().fold(
        rows.targets,
        rows.labels,
        rows.soft,
        rows.hard,
        rows.loss,
        rows.parameter,
        folded,
    )
    targets[:n_outputs, :n_rows] = folded.T
    targets[n_outputs : n_outputs + 3, :n_rows] = rows.soft, rows.hard, constant
    total = KERNELS[rows.loss](
        buffers[0],
        targets,
        buffers[1],
        sums,
        n_rows,
        np.float32(rows.parameter),
        np.float32(scale),
    )
    return total, buffers[0][:, :n_rows].T, buffers[0][:, n_rows:]


@pytest.mark.parametrize("loss", LOSSES)
@settings(max_examples=40, deadline=None)
@given(
    n_rows=st.integers(1, 70),
    n_outputs=st.integers(1, 9),
    seed=st.integers(0, 1000),
    scale=st.sampled_from([1.0, 1 / 16, 1 / 200]),
)
def test_the_loss_of_a_batch_and_its_slopes(loss, n_rows, n_outputs, seed, scale):
    rows = NumberRows(n_rows, n_outputs, loss, seed)
    total, slopes, _ = evaluated(rows, scale)
    expected = rows.oracle_losses(rows.units)
    assert_allclose(total, expected.sum(), rtol=2e-5, atol=2e-5 * n_outputs)
    numerical = scale * rows.numerical_slopes(rows.units)
    assert_allclose(slopes, numerical, rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_beyond_the_batch_stay_as_they_are(loss):
    _, _, beyond = evaluated(NumberRows(13, 3, loss), capacity=48)
    assert (beyond == 7.0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_a_row_whose_weights_are_zero_has_no_loss(loss):
    rows = NumberRows(9, 2, loss)
    rows.soft[:], rows.hard[:] = 0.0, 0.0
    rows.labels[:] = np.nan
    total, slopes, _ = evaluated(rows)
    assert total == 0.0
    assert (slopes == 0.0).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_nan_shows_in_loss_and_slopes(loss):
    rows = NumberRows(9, 2, loss)
    rows.soft[:] = 1.0
    rows.units[4, 1] = np.nan
    total, slopes, _ = evaluated(rows)
    assert np.isnan(total)
    assert np.isnan(slopes[4, 1])
    assert np.isnan(slopes).sum() == 1


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("is_sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("units", [(5, 8, 1), (4, 7, 3), (3, 16, 9, 20)], ids=str)
@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_the_gradient_of_a_network(loss, is_sparse, units, activation):
    # More rows than a chunk, and the last chunk is not full.
    rows = NumberRows(299, units[-1], loss)
    losses, gradients = network_gradient(
        rows, units, is_sparse=is_sparse, activation=activation
    )
    assert_allclose(*losses, rtol=1e-5)
    for found, wanted in zip(*gradients, strict=True):
        assert_allclose(found, wanted, rtol=2e-4, atol=1e-5)
