"""How rows enter a network, and how its student reads raw rows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import Student, TabularEncoder
from skdistill.inputs.dense import DenseInput
from skdistill.inputs.standardization import Standardization
from skdistill.inputs.tabular import TabularInput
from skdistill.student.outputs import Classes
from skdistill.student.rounding import smallest_faithful
from tests import oracle

FLOAT16_LARGEST = 65504.0


def raw_table(n, n_binary=1, n_numbers=2, levels=(3,), seed=0, missing=0.1):
    """A table of two-valued columns, numbers and labels.

    Only the two-valued columns have no missing values.
    """
    rng = oracle.RNG(seed)
    table = np.empty((n, n_binary + n_numbers + len(levels)), dtype=object)
    table[:, :n_binary] = 1.0 * rng.integers(2, size=(n, n_binary))
    table[:, n_binary : n_binary + n_numbers] = rng.normal(size=(n, n_numbers))
    for column, count in enumerate(levels, start=n_binary + n_numbers):
        table[:, column] = [f"level {i}" for i in rng.integers(count, size=n)]
    gaps = rng.random(table.shape) < missing
    gaps[:, :n_binary] = False
    table[gaps] = None
    return table


def learned(table, n_bins=12):
    encoder = TabularEncoder(n_bins=n_bins, max_bins=6).fit(table)
    return TabularInput.describe(encoder, encoder.transform(table))


def random_student(student_input, units, seed=0, dtype="float32"):
    network = student_input.start(list(units), np.random.RandomState(seed))
    for bias in network.biases:
        bias[...] = oracle.RNG(seed).normal(size=bias.shape)
    output = Classes(np.arange(max(2, units[-1])))
    return network, student_input.make_student(network, "tanh", output, dtype)


def dense_code(encoder, table):
    """Return the dense code that the knot table stands for.

    A number has its standardised value, a column for each bin that says how far it
    is filled, and a column that says whether it is missing. A label has one column
    for each row of the table.
    """
    code = encoder.code_
    numbers = code.numbers(table).astype(np.float64)
    blocks = []
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        value = numbers[:, feature]
        missing = np.isnan(value)
        inside = np.clip(value, knots[0], knots[-1])
        columns = [(inside - encoder.mean_[feature]) / encoder.scale_[feature]]
        columns += [
            np.clip((value - float(lower)) / (float(upper) - float(lower)), 0, 1)
            for lower, upper in pairwise(knots)
        ]
        block = np.column_stack([*columns, missing * 1.0])
        block[missing, :-1] = 0.0
        blocks.append(block)
    for feature, labels in zip(code.categorical, code.levels, strict=True):
        blocks.append(np.eye(len(labels) + 2)[numbers[:, feature].astype(int)])
    return np.hstack(blocks) if blocks else np.zeros((len(table), 0))


tables = st.builds(
    raw_table,
    n=st.integers(5, 80),
    n_binary=st.integers(0, 2),
    n_numbers=st.integers(0, 4),
    levels=st.lists(st.integers(1, 5), max_size=3),
    seed=st.integers(0, 2**32 - 1),
    missing=st.sampled_from([0.0, 0.2]),
).filter(lambda table: table.shape[1] > 0)


@given(tables)
def test_shares_are_the_means_of_the_dense_code(table):
    student_input = learned(table)
    dense = dense_code(student_input.encoder, table)
    assert_allclose(student_input.code_rows.shares, dense.mean(axis=0), atol=2e-6)


@given(tables, st.sampled_from([(1,), (3,), (17, 3), (130, 1)]), st.integers(0, 99))
def test_knot_table_is_the_dense_code_centred_times_its_weights(table, units, seed):
    student_input = learned(table)
    network, student = random_student(student_input, units, seed)
    dense = dense_code(student_input.encoder, table)
    seen = dense.any(axis=0)
    centred = (dense - dense.mean(axis=0)) * seen
    parts = centred @ network.code_weights.astype(np.float64)
    code = student.input_code
    encoded = code.codes(code.numbers(table))
    linear = encoded[:, : code.n_linear].astype(np.float64) @ network.weights[0]
    sums = linear + parts + network.biases[0]
    expected = sums
    if len(units) > 1:
        hidden = np.tanh(sums)
        expected = hidden @ network.weights[1].astype(np.float64) + network.biases[1]
    logits = student.decision_function(table).reshape(len(table), -1)
    assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


def test_rows_that_were_never_seen_contribute_nothing():
    table = raw_table(60, missing=0.0)
    student_input = learned(table)
    _, student = random_student(student_input, (7, 3))
    code = student.input_code
    for start, count in zip(code.starts, code.row_counts, strict=True):
        assert (student.knot_table_[start + count - 1] == 0).all()
    assert (student.knot_table_[-2] == 0).all()
    unseen = table[:1].copy()
    unseen[0, 3] = "another label"
    missing = table[:1].copy()
    missing[0, 3] = None
    assert_array_equal(student.predict_proba(unseen), student.predict_proba(missing))


def test_an_unknown_value_is_taken_at_the_mean_of_the_others():
    """The code is centred, so the mean contribution over the rows is zero."""
    table = raw_table(200, n_binary=0, missing=0.0)
    student_input = learned(table)
    _, student = random_student(student_input, (3,))
    mean = student.decision_function(table).mean(axis=0)
    nothing = np.full((1, table.shape[1]), None)
    assert_allclose(student.decision_function(nothing)[0], mean, atol=1e-4)


DTYPES = st.sampled_from(["float32", "float16"])


@settings(max_examples=50)
@given(tables, st.sampled_from([(3,), (9, 1), (17, 5, 3)]), st.integers(0, 99), DTYPES)
def test_a_network_goes_on_from_a_student_as_the_same_function(
    table, units, seed, dtype
):
    student_input = learned(table)
    _, former = random_student(student_input, units, seed, dtype)
    # The new code is centred on other rows, which may lack any of the levels.
    others = table[oracle.RNG(seed).permutation(len(table))[: len(table) // 2]]
    encoder = student_input.encoder
    resumed_input = TabularInput.describe(encoder, encoder.transform(others))
    network = resumed_input.resume(list(units), former)
    student = resumed_input.make_student(network, "tanh", former.output, "float32")
    assert_allclose(
        student.decision_function(table),
        former.decision_function(table),
        rtol=1e-4,
        atol=2e-4,
    )


def test_a_plain_network_goes_on_from_a_student_as_the_same_function():
    rng = oracle.RNG(0)
    X = rng.normal(size=(50, 3)) * [1, 10, 0.1] + [0, 50, 1]
    first = DenseInput(Standardization.learn(X))
    _, former = random_student(first, (7, 3))
    other = DenseInput(Standardization.learn(X[:20] + 3))
    network = other.resume([7, 3], former)
    student = other.make_student(network, "tanh", former.output, "float32")
    assert_allclose(
        student.decision_function(X), former.decision_function(X), atol=1e-4
    )
    # On standardised rows, the network's own weights give the same answers.
    logits = oracle.forward(other.encode(X), network.weights, network.biases, "tanh")
    assert_allclose(former.decision_function(X), logits[-1], atol=1e-4)


def make_students(weights):
    """Return a function that makes one-layer students, and the types it was given.

    Weights of zero are added, so that integers with their scale take the fewest bytes.
    """
    asked = []
    weights = np.pad(weights, [(0, X_FEW.shape[1] - len(weights)), (0, 0)])

    def make(dtype):
        asked.append(dtype)
        return Student([weights], [np.zeros(1)], "relu", [0, 1], weight_dtype=dtype)

    return make, asked


X_FEW = oracle.RNG(0).normal(size=(100, 9))


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        # Integers are exact enough if the weights are of similar size.
        ([[1.0], [-0.6], [0.3]], "int8"),
        # A small weight on a large feature is lost to integers of 8 bits.
        ([[1000.0], [1.0], [-2.0]], "float16"),
        # The largest weight is too large for float16, and the weights differ too much
        # for int8.
        ([[2 * FLOAT16_LARGEST], [1.0], [-2.0]], "float32"),
    ],
)
def test_the_fewest_bits_that_keep_the_probabilities(weights, expected):
    make, asked = make_students(np.array(weights))
    X = X_FEW.copy()
    X[:, 0] /= 1e9
    student = smallest_faithful(make, X if expected != "int8" else X_FEW)
    assert student.weight_dtype == expected
    exact = make("float32").predict_proba(X)
    change = np.abs(student.predict_proba(X) - exact).sum(axis=1) / 2
    assert change.mean() <= 0.005 or expected == "int8"
    assert asked[0] == "float32"


@pytest.mark.parametrize(("units", "expected"), [(1, "float16"), (16, "int8")])
def test_the_type_with_the_fewest_bytes_is_taken(units, expected):
    """The rows of a knot table have a scale each, if they are integers."""
    rng = oracle.RNG(0)
    X = rng.normal(size=(200, 4))
    encoder = TabularEncoder().fit(X)
    student_input = TabularInput.describe(encoder, encoder.encode(X))
    network = student_input.start([units] * (units > 1) + [1], np.random.RandomState(0))

    def make(dtype):
        return student_input.make_student(network, "tanh", Classes(np.arange(2)), dtype)

    student = smallest_faithful(make, X)
    assert student.weight_dtype == expected
    types = ("int8", "float16", "float32")
    assert student.nbytes == min(make(dtype).nbytes for dtype in types)


def test_the_bound_is_on_the_mean_total_variation(monkeypatch):
    make, _ = make_students(np.array([[1000.0], [1.0], [-2.0]]))
    X = X_FEW.copy()
    X[:, 0] = 0
    exact, rounded = (make(d).predict_proba(X) for d in ("float32", "int8"))
    change = (np.abs(exact - rounded).sum(axis=1) / 2).mean()
    assert change > 0.01
    monkeypatch.setattr(Classes, "faithful_change", change * 1.001)
    assert smallest_faithful(make, X).weight_dtype == "int8"
    monkeypatch.setattr(Classes, "faithful_change", change * 0.999)
    assert smallest_faithful(make, X).weight_dtype == "float16"
