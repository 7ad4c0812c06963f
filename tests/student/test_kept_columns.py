"""Kept columns of sparse rows, and the blocks that are scaled to unit length."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.preprocessing import normalize

from skdistill import Student
from skdistill.student.kept_columns import KeptColumns, find_unit_blocks


def random_rows(n_columns, seed, n_rows=40):
    rng = np.random.default_rng(seed)
    dense = rng.uniform(0.1, 2.0, (n_rows, n_columns))
    return csr_matrix(dense * (rng.random(dense.shape) < 0.4))


def unit_rows(n_columns, seed):
    return normalize(random_rows(n_columns, seed)).tocsr()


def make_pruned(hidden=(), weight_dtype="float32"):
    """Return a student of four of twelve columns, with two blocks of unit length."""
    rng = np.random.default_rng(5)
    kept = KeptColumns.checked([1, 5, 6, 11], 12, [[0, 6], [8, 12]])
    units = [4, *hidden, 3]
    coefs = [rng.standard_normal(shape) for shape in pairwise(units)]
    biases = [rng.standard_normal(size) for size in units[1:]]
    return Student(
        coefs, biases, "tanh", range(3), weight_dtype=weight_dtype, kept_columns=kept
    )


def pruned_rows():
    """Return rows for that student. One is empty."""
    rows = random_rows(12, 7).toarray()
    rows[3] = 0.0
    return rows


def test_rows_of_unit_length_are_one_block():
    assert find_unit_blocks(unit_rows(12, 0)).tolist() == [[0, 12]]


def test_rows_of_other_lengths_are_no_block():
    assert find_unit_blocks(random_rows(12, 0)).shape == (0, 2)
    assert find_unit_blocks(0.5 * unit_rows(12, 0)).shape == (0, 2)


def test_one_row_of_another_length_is_enough_for_no_block():
    rows = unit_rows(12, 0)
    rows.data[: rows.indptr[1]] *= 1.2
    assert find_unit_blocks(rows).shape == (0, 2)


def test_counts_of_one_are_no_block():
    rows = random_rows(12, 0)
    rows.data[:] = 1.0
    assert find_unit_blocks(rows).shape == (0, 2)


def test_blocks_side_by_side_are_found():
    parts = [unit_rows(12, 1), unit_rows(9, 2), unit_rows(7, 4), random_rows(5, 3)]
    blocks = find_unit_blocks(hstack(parts, format="csr"))
    assert blocks.tolist() == [[0, 12], [12, 21], [21, 28]]


def test_a_row_may_be_empty_in_a_block():
    parts = [unit_rows(12, 1).tolil(), unit_rows(9, 2).tolil()]
    parts[0][3], parts[1][5] = 0.0, 0.0
    blocks = find_unit_blocks(hstack(parts, format="csr"))
    assert blocks.tolist() == [[0, 12], [12, 21]]


@pytest.mark.parametrize("make", [csr_matrix, lambda rows: rows.toarray()])
def test_select_scales_each_block(make):
    one, other, two = unit_rows(12, 1), random_rows(5, 3), unit_rows(9, 2)
    places = np.array([0, 3, 4, 11, 13, 16, 18, 20, 25])
    kept = KeptColumns.checked(places, 26, [[0, 12], [17, 26]])
    found = kept.select(make(hstack([one, other, two], format="csr")))
    wanted = hstack(
        [normalize(one[:, [0, 3, 4, 11]]), other[:, [1, 4]], two[:, [1, 3, 8]]]
    ).toarray()
    wanted[:, 6:] = normalize(wanted[:, 6:])
    found = found if isinstance(found, np.ndarray) else found.toarray()
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("places", [[], [2, 1], [1, 1], [-1, 2], [3, 26]])
def test_wrong_places_are_refused(places):
    with pytest.raises(ValueError, match="places of the kept columns is"):
        KeptColumns.checked(places, 26, [])


@pytest.mark.parametrize("blocks", [[[0, 27]], [[3, 3]], [[5, 9], [8, 12]], [[-1, 4]]])
def test_wrong_blocks_are_refused(blocks):
    with pytest.raises(ValueError, match="unit_blocks of the kept columns is"):
        KeptColumns.checked([1, 2], 26, blocks)


@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_pruned_student_reads_its_columns_alone(hidden, n_classes):
    rng = np.random.default_rng(5)
    kept = KeptColumns.checked([1, 5, 6, 11], 12, [[0, 12]])
    units = [4, *hidden, 1 if n_classes == 2 else n_classes]
    coefs = [rng.standard_normal(shape) for shape in pairwise(units)]
    biases = [rng.standard_normal(size) for size in units[1:]]
    student = Student(coefs, biases, "tanh", range(n_classes), kept_columns=kept)
    whole = Student(coefs, biases, "tanh", range(n_classes))
    rows = unit_rows(12, 1)
    wanted = whole.predict_proba(normalize(rows[:, kept.places]))
    assert student.n_features_in_ == 12
    for given in (
        rows,
        rows.toarray(),
        rows.toarray().astype(np.float32),
        rows.tocsc(),
    ):
        np.testing.assert_allclose(student.predict_proba(given), wanted, rtol=1e-5)


def test_a_value_that_is_not_finite_is_named_by_its_column():
    kept = KeptColumns.checked([1, 5], 7, [])
    student = Student(
        [np.ones((2, 1))], [np.ones(1)], "relu", ["a", "b"], kept_columns=kept
    )
    rows = np.zeros((3, 7))
    rows[2, 5] = np.nan
    for given in (rows, csr_matrix(rows)):
        with pytest.raises(ValueError, match="NaN in row 2, column 5"):
            student.predict(given)


def test_other_inputs_than_kept_columns_are_refused():
    kept = KeptColumns.checked([1, 5, 6], 7, [])
    with pytest.raises(ValueError, match="holds 3 places, and the first layer has 2"):
        Student([np.ones((2, 1))], [np.ones(1)], "relu", ["a", "b"], kept_columns=kept)


@pytest.mark.parametrize("hidden", [(), (4,)])
@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_a_file_keeps_the_columns(tmp_path, hidden, dtype):
    student = make_pruned(hidden, dtype)
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert loaded.n_features_in_ == 12
    assert loaded.nbytes == student.nbytes
    for mine, other in zip(loaded.kept_columns, student.kept_columns, strict=True):
        np.testing.assert_array_equal(mine, other)
    np.testing.assert_array_equal(
        loaded.predict_proba(csr_matrix(pruned_rows())),
        student.predict_proba(csr_matrix(pruned_rows())),
    )


def test_a_file_of_very_many_columns_takes_no_memory_for_them(tmp_path):
    kept = KeptColumns.checked([1, 2**31 - 2], 2**31 - 1, [[0, 2**31 - 1]])
    student = Student(
        [np.ones((2, 1))], [np.ones(1)], "relu", ["a", "b"], kept_columns=kept
    )
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert loaded.kept_columns.places.tolist() == [1, 2**31 - 2]
    kept = kept._replace(n_columns=2**31)
    student = Student(
        [np.ones((2, 1))], [np.ones(1)], "relu", ["a", "b"], kept_columns=kept
    )
    with pytest.raises(ValueError, match="cannot be saved: kept_columns is"):
        student.save(tmp_path / "student.npz")
