import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.adamw import BETA_1, BETA_2, EPSILON, adamw_step
from skdistill.kernels.instructions.denormals import flush_denormals, restore_mode
from skdistill.kernels.layers.knot_update import update_code
from skdistill.kernels.layers.layout import aligned_zeros
from tests import oracle
from tests.oracle import RNG

RATE, DECAY, STEP = 0.02, 0.3, 3
STEP_SIZE = np.float32(RATE * np.sqrt(1 - BETA_2**STEP) / (1 - BETA_1**STEP))
SHRINKAGE = np.float32(1 - RATE * DECAY)


@kernel
def run_adamw(weights, gradient, first_moment, second_moment, step_size, shrinkage):
    mode = flush_denormals()
    adamw_step(weights, gradient, first_moment, second_moment, step_size, shrinkage)
    restore_mode(mode)


@kernel
def run_update(
    bins, positions, shares, bias_gradient, state, table, step_size, shrinkage
):
    weights, gradient, first_moment, second_moment = state
    update_code(
        bins,
        positions,
        shares,
        bias_gradient,
        weights,
        gradient,
        first_moment,
        second_moment,
        table,
        step_size,
        shrinkage,
    )


def random_state(size, seed=0, least_power=-12):
    """Return weights, gradient and moments, one in ten moments zero."""
    rng = RNG(seed)
    arrays = [rng.normal(size=size) for _ in range(3)]
    arrays.append(
        rng.exponential(size=size) * 10.0 ** rng.integers(least_power, 3, size)
    )
    arrays[2][::10] = arrays[3][::10] = arrays[1][::10] = 0.0
    state = tuple(aligned_zeros(size) for _ in arrays)
    for target, values in zip(state, arrays, strict=True):
        target[:] = values
    return state


def expected(weights, gradient, first_moment, second_moment):
    """Return weights and moments after a step by the oracle, in double precision."""
    return oracle.adamw(
        *(a.astype(float) for a in (weights, gradient, first_moment, second_moment)),
        STEP,
        RATE,
        DECAY,
        BETA_1,
        BETA_2,
        EPSILON,
    )


@pytest.mark.parametrize("size", [0, 16, 80, 1600])
def test_adamw_against_the_oracle(size):
    state = random_state(size)
    before = state[0].astype(float)
    weights, *moments = expected(*state)
    run_adamw(*state, STEP_SIZE, SHRINKAGE)
    # A weight and its step may cancel, so rounding is measured by their sizes. CPUs
    # without fused operations show it.
    sizes = np.maximum(np.abs(before) + np.abs(weights - before), 1.0)
    errors = np.abs(state[0] - weights)
    assert (errors <= 2e-6 * np.abs(weights) + 2e-7 * sizes).all(), errors.max()
    for found, value in zip(state[2:], moments, strict=True):
        assert_allclose(found, value, rtol=2e-6, atol=2e-7)


def test_adamw_keeps_nan_and_drops_denormal_numbers():
    weights, gradient, first_moment, second_moment = state = random_state(32)
    gradient[:2] = np.nan, 0.0
    first_moment[1], second_moment[1], weights[1] = 1.2e-38, 1.2e-38, 1e-40
    with np.errstate(invalid="ignore"):
        run_adamw(*state, STEP_SIZE, SHRINKAGE)
    assert np.isnan([weights[0], first_moment[0], second_moment[0]]).all()
    assert_array_equal([weights[1], first_moment[1], second_moment[1]], 0.0)
    assert np.isfinite(weights[2:]).all()


@pytest.mark.parametrize("slope", [1e20, -3e38, np.inf])
def test_second_moment_stays_finite(slope):
    """The square of a gradient may be beyond single precision."""
    weights, gradient, first_moment, second_moment = state = random_state(16)
    before = weights[0]
    gradient[0], first_moment[0], second_moment[0] = slope, 0.0, 0.0
    with np.errstate(invalid="ignore", over="ignore"):
        run_adamw(*state, STEP_SIZE, SHRINKAGE)
    greatest = np.finfo(np.float32).max
    assert second_moment[0] == greatest
    if np.isinf(slope):
        assert not np.isfinite(weights[0])
    else:
        step = STEP_SIZE * (1 - BETA_1) * slope / np.sqrt(np.float64(greatest))
        assert_allclose(weights[0], SHRINKAGE * before - step, rtol=1e-5)


@pytest.mark.parametrize("width", [16, 32, 48, 160])
@pytest.mark.parametrize(
    ("bins", "n_rows"), [(1, 2), (1, 3), (7, 8), (7, 9), (40, 42), (0, 1), (0, 6)]
)
def test_update_of_a_code_against_its_components(bins, n_rows, width):
    """The code is written out: its weights get the gradient of a product."""
    rng = RNG(bins + n_rows)
    positions, shares = aligned_zeros(n_rows), aligned_zeros(n_rows)
    positions[: bins + 1] = np.sort(rng.normal(size=n_rows)[: bins + 1])
    shares[:] = rng.uniform(0.1, 1, n_rows)
    if bins:
        shares[0] = rng.normal()
    else:
        positions[:] = 0.0
    # A level that was never seen; of a code with knots, the missing value.
    unseen = n_rows - 1 if n_rows > bins + (bins > 0) and n_rows > 1 else n_rows
    shares[unseen:] = 0.0
    # Row by row of the table, the components of the code.
    components = np.eye(n_rows)
    if bins:
        components[: bins + 1, : bins + 1] = np.tril(np.ones((bins + 1, bins + 1)))
        components[: bins + 1, 0] = positions[: bins + 1]
    components = np.where(np.arange(n_rows)[:, None] < unseen, components - shares, 0)

    state = random_state(n_rows * width, seed=width, least_power=-2)
    weights, gradient, first_moment, second_moment = (
        array.reshape(n_rows, width) for array in state
    )
    by_table = gradient.astype(float)
    bias_gradient, table = aligned_zeros(width), aligned_zeros(n_rows * width)
    bias_gradient[:] = by_table[:unseen].sum(axis=0)
    by_weights = components.T @ by_table
    wanted = expected(weights, by_weights, first_moment, second_moment)
    run_update(
        bins, positions, shares, bias_gradient, state, table, STEP_SIZE, SHRINKAGE
    )
    for found, value in zip(
        (weights, first_moment, second_moment), wanted, strict=True
    ):
        assert_allclose(found, value, rtol=1e-4, atol=1e-4)
    assert_allclose(
        table.reshape(n_rows, width), components @ weights, rtol=1e-4, atol=1e-4
    )
    assert_array_equal(gradient, 0.0)
