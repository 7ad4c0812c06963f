"""The stored weights, which the file and the exports read."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from skdistill.student.quantization import WEIGHT_DTYPES
from tests.student.test_student import make_encoded, make_student


@pytest.mark.parametrize("dtype", WEIGHT_DTYPES)
def test_stored_weights_stand_for_those_of_the_student(dtype):
    student = make_encoded(weight_dtype=dtype)
    stored = student.stored_weights
    matrices = [*stored.layers, stored.knot_table]
    for matrix, weights in zip(
        matrices, [*student.coefs_, student.knot_table_], strict=True
    ):
        assert matrix.dtype == dtype
        scales = 1.0 if matrix.scales is None else matrix.scales
        assert_array_equal(matrix.values.astype(np.float32) * scales, weights)
    for bias, expected in zip(stored.biases, student.intercepts_, strict=True):
        assert_array_equal(bias.astype(np.float32), expected)


@pytest.mark.parametrize("dtype", WEIGHT_DTYPES)
def test_rows_are_those_of_the_weights(dtype):
    student = make_encoded(weight_dtype=dtype)
    for matrix in (student.stored_weights.knot_table, student.stored_weights.layers[1]):
        rows = matrix.rows([2, 0])
        scales = 1.0 if rows.scales is None else rows.scales
        weights = 1.0 if matrix.scales is None else matrix.scales
        assert_array_equal(
            rows.values * scales, (matrix.values * weights)[[2, 0]], strict=True
        )


def test_rows_for_missing_values_are_left_out_in_float16():
    student = make_encoded(weight_dtype="float16")
    stored, code = student.stored_weights, student.input_code
    assert_array_equal(stored.omitted_rows, code.missing_rows)
    assert not stored.knot_table.values[code.missing_rows].any()
    n_stored = len(stored.matrices["knot_table"].values)
    assert n_stored == code.n_rows - code.n_codes


def test_stored_weights_follow_the_weights_and_are_not_pickled():
    student = make_student()
    before = pickle.dumps(student)
    first = student.stored_weights
    kept = student.intercepts_[-1].copy()
    student.intercepts_[-1][...] += 1.0
    second = student.stored_weights
    assert_array_equal(second.biases[-1], first.biases[-1] + 1.0)
    student.intercepts_[-1][...] = kept
    assert pickle.dumps(student) == before
    assert pickle.loads(before).nbytes == student.nbytes
