import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from skdistill.kernels.compiler.compilation import kernel
from skdistill.kernels.instructions.matrix import LINE
from skdistill.kernels.instructions.reached_knots import count_reached
from skdistill.kernels.predict import ALL_FINITE, LOGITS, prediction_kernel
from skdistill.student.network import Network
from skdistill.student.packing import pack_student
from tests import oracle

numbers = st.floats(-100, 100, width=32)


@kernel
def count(knots, start, size, value):
    return count_reached(knots, start, size, value)


@pytest.mark.parametrize("lines", [0, 1, 4])
@given(data=st.data())
def test_knots_that_a_value_has_reached(lines, data):
    size = lines * LINE
    knots = data.draw(arrays(np.float32, size + 7, elements=numbers))
    value = data.draw(st.one_of(numbers, st.sampled_from(knots), st.just(float("nan"))))
    expected = sum(bool(knot <= value) for knot in knots[3 : 3 + size])
    assert count(knots, 3, size, np.float32(value)) == expected


@pytest.mark.parametrize("n_bins", [2, 16, 17, 18, 64, 200])
def test_values_on_and_between_the_knots_of_any_number_of_bins(n_bins):
    code = oracle.random_code(0, (n_bins,), ())
    (knots,) = code.knots
    table = oracle.RNG(0).normal(size=(code.n_rows, 1)).astype(np.float32)
    network = Network.for_prediction(
        [np.zeros((0, 1), np.float32)], [np.zeros(1)], code, table
    )
    values = np.concatenate([knots, (knots[1:] + knots[:-1]) / 2, [-1e30, 1e30]])
    X = np.zeros((values.size + 1, code.n_features), dtype=np.float32)
    X[:-1, code.knotted[0]], X[-1, code.knotted[0]] = values, np.nan
    out = np.empty((len(X), 1), dtype=np.float32)
    packed = pack_student(network, code, "relu", 2)
    assert prediction_kernel()(X, packed, LOGITS, out) == ALL_FINITE
    expected = np.interp(values, knots, table[:-1, 0])
    np.testing.assert_allclose(out[:-1, 0], expected, rtol=1e-4, atol=1e-4)
    assert out[-1, 0] == table[-1, 0]
