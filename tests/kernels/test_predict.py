import numpy as np
import pytest
from numpy.testing import assert_allclose

from skdistill.kernels.predict import (
    ALL_FINITE,
    BLOCK_ROWS,
    LOGITS,
    PROBABILITIES,
    prediction_kernel,
)
from skdistill.student.network import Network
from skdistill.student.packing import pack_student
from tests import oracle


def predict(X, units, kind, activation="relu", factor=1.0):
    """Return the kernel's prediction, what it found, and the oracle's logits."""
    coefs, intercepts = oracle.random_network(units, dtype=np.float32)
    coefs = [weights * np.float32(factor) for weights in coefs]
    network = Network.from_arrays(coefs, intercepts)
    n_classes = max(2, units[-1])
    columns = n_classes if kind == PROBABILITIES else units[-1]
    out = np.full((len(X), columns), 77.0, dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        packed = pack_student(network, None, activation, n_classes)
        found = prediction_kernel()(X, packed, kind, out)
        logits = oracle.forward(X.astype(np.float64), coefs, intercepts, activation)
    return out, found, logits


def rows(n, n_features):
    return oracle.RNG(1).normal(size=(n, n_features)).astype(np.float32)


@pytest.mark.parametrize("units", [(5, 1), (4, 3), (6, 7, 1), (3, 17, 5, 20)], ids=str)
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "silu"])
@pytest.mark.parametrize("n", [1, 16, BLOCK_ROWS + 3])
def test_rows_against_the_oracle(units, activation, n):
    X = rows(n, units[0])
    out, found, logits = predict(X, units, LOGITS, activation)
    assert found == ALL_FINITE
    assert_allclose(out, logits[-1], rtol=1e-5, atol=1e-5)
    out, found, _ = predict(X, units, PROBABILITIES, activation)
    assert found == ALL_FINITE
    assert_allclose(out, oracle.softmax(oracle.all_logits(logits)), atol=2e-6)


@pytest.mark.parametrize("row", [0, 5, BLOCK_ROWS + 2])
@pytest.mark.parametrize(
    ("value", "expected"),
    [(np.nan, "input"), (np.inf, "input"), (-np.inf, "input"), (3.4e38, "output")],
)
def test_rows_that_are_not_finite_are_told(row, value, expected):
    X = rows(BLOCK_ROWS + 10, 4)
    X[row] = 0.0
    X[row, 1:3] = value
    _, found, _ = predict(X, (4, 16, 16, 3), PROBABILITIES, factor=10.0)
    assert found == 2 * row + (expected == "output")


@pytest.mark.parametrize("row", [0, BLOCK_ROWS + 2])
@pytest.mark.parametrize("units", [(2, 3), (2, 16, 3)], ids=str)
def test_of_encoded_rows_infinite_ones_are_told_and_missing_ones_predicted(row, units):
    code = oracle.random_code(2, (3,), ())
    coefs, intercepts = oracle.random_network(units, dtype=np.float32)
    table = np.ones((code.n_rows, units[1]), dtype=np.float32)
    network = Network.for_prediction(coefs, intercepts, code, table)
    X = np.full((BLOCK_ROWS + 10, code.n_features), np.nan, dtype=np.float32)

    def find(X):
        out = np.empty((len(X), 3), dtype=np.float32)
        with np.errstate(invalid="ignore"):
            packed = pack_student(network, code, "relu", 3)
            found = prediction_kernel()(X, packed, LOGITS, out)
        return found, out

    found, out = find(X)
    assert found == ALL_FINITE
    # Linear features stand at their mean, the knotted one in its last row.
    assert_allclose(
        out[0],
        (intercepts[0] + 1)
        if len(units) == 2
        else np.maximum(intercepts[0] + 1, 0) @ coefs[1] + intercepts[1],
        rtol=1e-5,
    )
    X[row, 1] = -np.inf
    assert find(X)[0] == 2 * row
