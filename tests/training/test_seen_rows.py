import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier
from skdistill.training.seen_rows import SeenRows, student_rows


def rows(n_rows, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, 5)).astype(np.float32)


def test_rows_are_found_whatever_their_place():
    X, new = rows(500), rows(300, seed=1)
    seen = SeenRows(X)
    assert seen.share_of(X[::-1]) == 1.0
    assert seen.share_of(new) == 0.0
    assert seen.share_of(np.concatenate([X[:100], new])) == 0.25
    assert seen.share_of(X[:0]) == 0.0


def test_values_in_other_columns_are_other_rows():
    X = rows(100)
    seen = SeenRows(X)
    assert seen.share_of(np.ascontiguousarray(X[:, ::-1])) == 0.0
    almost = X.copy()
    almost[:, 2] = np.nextafter(almost[:, 2], np.float32(9))
    assert seen.share_of(almost) == 0.0


def test_missing_values_and_zeros_are_alike():
    X = np.array([[0.0, np.nan, 1.0], [np.nan, 0.0, 0.0]], dtype=np.float32)
    other = X.copy()
    other[0, 0] = -0.0
    other.view(np.uint32)[0, 1] = 0x7FC00001  # A NaN of other bits.
    assert SeenRows(X).share_of(other) == 1.0
    assert SeenRows(X).share_of(np.nan_to_num(X)) == 0.0


def test_sparse_and_dense_rows_are_alike():
    X = np.where(rows(200) > 0.5, rows(200), 0).astype(np.float32)
    sparse = csr_array(X)
    assert SeenRows(X).share_of(sparse) == 1.0
    assert SeenRows(sparse).share_of(X[:150]) == 1.0
    assert SeenRows(csr_array(X[:0:-1])).share_of(rows(200, 1)) == 0.0


def test_a_sample_of_many_rows_tells_the_share():
    X = rows(50_000)
    seen = SeenRows(X)
    assert seen._hashes.nbytes == 2**16
    mixed = np.concatenate([X[:6000], rows(14_000, seed=1)])
    assert seen.share_of(mixed) == pytest.approx(0.3, abs=0.04)
    assert seen.share_of(X) == 1.0
    assert seen.share_of(rows(50_000, seed=2)) == 0.0


def test_a_student_knows_its_rows():
    table = pd.DataFrame(rows(200), columns=list("abcde"))
    table["town"] = pd.Categorical(np.tile(["Rome", "Oslo"], 100))
    y = (table["a"] > 0).to_numpy()
    teacher = HistGradientBoostingClassifier(categorical_features="from_dtype")
    model = DistilledClassifier(teacher, max_iter=2, random_state=0)
    model.fit(table[:100], y[:100], X_unlabeled=table[100:120])
    share = model.seen_rows_.share_of(student_rows(model.student_, table))
    assert share == 0.6


@pytest.mark.parametrize("units", [8, ()], ids=str)
def test_a_student_of_sparse_rows_knows_them(units):
    X = np.where(rows(90) > 0.5, 1, 0).astype(np.float64) * rows(90)
    X[:, 0] = rows(90)[:, 0]
    y = (X[:, 0] > 0).astype(int)
    teacher = LogisticRegression().fit(csr_array(X), y)
    model = DistilledClassifier(teacher, max_iter=2, hidden_layer_sizes=units)
    model.fit(csr_array(X[:45]), y[:45])
    assert model.seen_rows_.share_of(student_rows(model.student_, csr_array(X))) == 0.5


@pytest.mark.parametrize("n_rows", [200, 20_000])
def test_joined_samples_are_the_sample_of_all_rows(n_rows):
    rows = np.random.RandomState(0).normal(size=(n_rows, 3)).astype(np.float32)
    parts = [SeenRows(rows[start::3]) for start in range(3)]
    joined, whole = parts[0].joined(parts[1]).joined(parts[2]), SeenRows(rows)
    others = np.concatenate([rows[::2], rows[::2] + 1])
    assert joined.share_of(others) == pytest.approx(whole.share_of(others), abs=0.02)
    assert joined.share_of(rows) == 1.0
    assert joined.share_of(rows + 1) == 0.0
