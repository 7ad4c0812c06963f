"""Sparse rows whose arrays do not fit together are refused at every door."""

import re

import numpy as np
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression

from skdistill import DistilledClassifier, Student, compress_to
from skdistill.export import verify
from skdistill.metrics import row_seconds
from skdistill.report import DistillationReport
from skdistill.tables.sparse import as_csr, summed
from tests import oracle

SHAPE = (60, 40)


def rows(form="csr", index_type=np.int32):
    """Whole sparse rows with an explicit zero, without empty rows at the ends."""
    X = scipy.sparse.random(*SHAPE, 0.2, format="csr", random_state=oracle.RNG(0))
    X.data[3] = 0.0
    X = X.asformat(form)
    for name in ("indptr", "indices", "row", "col"):
        if hasattr(X, name):
            values = getattr(X, name).astype(index_type)
            if name in ("row", "col"):
                X.coords = tuple(
                    values if place == name else old
                    for place, old in zip(("row", "col"), X.coords, strict=True)
                )
            else:
                setattr(X, name, values)
    return X


def set_at(name, place, value):
    def damage(X):
        getattr(X, name)[place] = value

    return damage


def replaced(name, change):
    def damage(X):
        setattr(X, name, change(getattr(X, name)))

    return damage


def damaged_list(X):
    X.rows[1][0] = 99


# Name of the fault, format, way to damage it, and words of the error.
DAMAGES = {
    "negative index": ("csr", set_at("indices", 5, -1), "indices[5] is -1"),
    "lowest index": ("csr", set_at("indices", -1, -(2**31)), "is -2147483648"),
    "index of a column too many": ("csr", set_at("indices", 0, 40), "from 0 to 39"),
    "index of an explicit zero": ("csr", set_at("indices", 3, 10**6), "[3] is 1000000"),
    "first pointer": ("csr", set_at("indptr", 0, 2), "indptr[0] is 2"),
    "first pointer negative": ("csr", set_at("indptr", 0, -1), "indptr[0] is -1"),
    "pointer negative": ("csr", set_at("indptr", 9, -5), "indptr[9] is -5"),
    "pointer falls": ("csr", set_at("indptr", 9, 400), "indptr[10]"),
    "last pointer": ("csr", set_at("indptr", -1, 10**6), "at most 480"),
    "too few pointers": ("csr", replaced("indptr", lambda a: a[:-1]), "(61,)"),
    "too many pointers": ("csr", replaced("indptr", lambda a: a.repeat(2)), "(61,)"),
    "floats as pointers": ("csr", replaced("indptr", lambda a: a * 1.0), "float64"),
    "floats as indices": ("csr", replaced("indices", lambda a: a * 1.0), "float64"),
    "bytes as indices": (
        "csr",
        replaced("indices", lambda a: a.astype(np.int8)),
        "int8",
    ),
    "too few values": ("csr", replaced("data", lambda a: a[:-9]), "data 471"),
    "too few indices": (
        "csr",
        replaced("indices", lambda a: a[:-9]),
        "indices has 471",
    ),
    "values in two dimensions": (
        "csr",
        replaced("data", lambda a: a.reshape(2, -1)),
        "data (2, 240)",
    ),
    "CSC, index": ("csc", set_at("indices", 7, 60), "from 0 to 59"),
    "CSC, pointer": ("csc", set_at("indptr", 3, 999), "indptr[4]"),
    "CSC, last pointer": ("csc", set_at("indptr", -1, 999), "at most 480"),
    "COO, row": ("coo", set_at("row", 0, 60), "row[0] is 60"),
    "COO, negative row": ("coo", set_at("row", 0, -7), "row[0] is -7"),
    "COO, column": ("coo", set_at("col", 479, 40), "col[479] is 40"),
    "COO, too few values": ("coo", replaced("data", lambda a: a[:-1]), "data 479"),
    "BSR, index": ("bsr", set_at("indices", 0, 40), "indices[0] is 40"),
    "BSR, pointer": ("bsr", set_at("indptr", 5, -4), "indptr[5] is -4"),
    "BSR, blocks": (
        "bsr",
        replaced("data", lambda a: np.ones((len(a), 7, 7))),
        "blocks have shape (7, 7)",
    ),
    "LIL, column": ("lil", damaged_list, "rows[1] holds 99"),
    "LIL, too few rows": ("lil", replaced("rows", lambda a: a[:5]), "rows has shape"),
    "LIL, row longer than values": (
        "lil",
        set_at("rows", 0, [0] * 50),
        "rows[0] has 50",
    ),
    "DIA, offset": ("dia", set_at("offsets", 0, 2**31 - 1), "from -59 to 39"),
    "DIA, floats": ("dia", replaced("offsets", lambda a: a * 1.0), "float64"),
    "DIA, offsets": ("dia", replaced("offsets", lambda a: a[:1]), "offsets has shape"),
}


def damaged(name, index_type=np.int32):
    form, damage, words = DAMAGES[name]
    X = rows(form, index_type)
    if name == "BSR, blocks":
        X = scipy.sparse.bsr_matrix(rows(), blocksize=(1, 1))
    damage(X)
    return X, words


def refused(words, name="X"):
    return pytest.raises(ValueError, match=f"{name} .*{re.escape(words)}")


@pytest.mark.parametrize("name", DAMAGES)
@pytest.mark.parametrize("index_type", [np.int32, np.int64])
def test_each_damage_is_refused_by_name_and_value(name, index_type):
    X, words = damaged(name, index_type)
    with refused(words):
        as_csr(X)


def test_keys_of_a_dictionary_are_checked():
    X = rows("dok")
    X._dict[(70, 2)] = 1.0
    with pytest.raises(ValueError, match="exceeds|damaged"):
        as_csr(X)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "bsr", "lil", "dia", "dok"])
@pytest.mark.parametrize("index_type", [np.int32, np.int64])
def test_whole_rows_pass_with_the_same_values(form, index_type):
    X = rows(form, index_type)
    assert_array_equal(as_csr(X).toarray(), rows().toarray())


def test_room_at_the_end_of_the_arrays_is_left_out():
    X = rows()
    expected = X.toarray()
    X.data = np.append(X.data, [np.nan, 1e300])
    X.indices = np.append(X.indices, [-1, 10**6]).astype(np.int32)
    with refused("is -1"):  # Somebody may read it all the same.
        as_csr(X)
    X.indices[-2:] = 0
    checked = as_csr(X)
    assert checked.data.size == checked.indices.size == checked.indptr[-1]
    assert_array_equal(checked.toarray(), expected)


def test_tables_without_rows_columns_or_entries_are_whole():
    for shape in ((0, 3), (3, 0), (3, 4)):
        for form in ("csr", "csc", "coo", "bsr", "lil"):
            X = scipy.sparse.csr_matrix(shape).asformat(form)
            assert as_csr(X).shape == shape
    X = scipy.sparse.csr_matrix((3, 0))
    X.indices, X.data = np.zeros(1, dtype=np.int32), np.zeros(1)
    with refused("no room"):
        as_csr(X)


def test_other_numbers_of_dimensions_and_complex_values_are_refused():
    with refused("two dimensions"):
        as_csr(scipy.sparse.coo_array(np.ones(3)))
    with refused("complex128"):
        as_csr(rows() * 1j)


@pytest.fixture(scope="module")
def labels():
    return oracle.RNG(1).integers(2, size=SHAPE[0])


@pytest.fixture(scope="module", params=[(4,), ()], ids=str)
def model(labels, request):
    model = DistilledClassifier(
        LogisticRegression(),
        hidden_layer_sizes=request.param,
        max_iter=2,
        random_state=0,
    )
    return model.fit(rows(), labels)


def doors(model, y, folder):
    """Yield each call that takes sparse rows, and the argument that holds them."""
    fresh = clone(model)
    report = DistillationReport.from_estimator
    good = rows()
    yield "X", lambda X: fresh.fit(X, y)
    yield "X_unlabeled", lambda X: fresh.fit(good, y, X_unlabeled=X)
    for method in ("predict", "predict_proba", "decision_function"):
        yield "X", getattr(model, method)
        yield "X", getattr(model.student_, method)
    yield "X", lambda X: model.score(X, y)
    yield "X", lambda X: compress_to(fresh, X, y)
    yield "X", lambda X: compress_to(fresh, good, y, validation_data=(X, y))
    yield "X_unlabeled", lambda X: compress_to(fresh, good, y, X_unlabeled=X)
    yield "X", lambda X: report(model, X, y)
    yield "X", lambda X: report(model, good, y, baseline=(X, y))
    yield "X", lambda X: verify(model, folder / "student.h", X)


@pytest.mark.parametrize(
    "name",
    ["negative index", "pointer falls", "last pointer", "CSC, index", "COO, row"],
)
def test_each_door_refuses_damaged_rows(model, labels, tmp_path, name):
    before = model.student_.predict_proba(rows())
    for argument, call in doors(model, labels, tmp_path):
        X, words = damaged(name)
        with refused(words, argument):
            call(X)
    assert_array_equal(model.student_.predict_proba(rows()), before)


class SparseSynthesizer(BaseEstimator):
    """Draws sparse rows, which would lead a teacher beyond its arrays."""

    def fit(self, X):
        return self

    def sample(self, n_samples, random_state):
        return damaged("negative index")[0]


def test_sparse_rows_of_a_synthesizer_are_refused(labels):
    model = DistilledClassifier(LogisticRegression(), synthesizer=SparseSynthesizer())
    with pytest.raises(ValueError, match="synthesizer=Sparse.*drew sparse rows"):
        model.fit(rows().toarray(), labels)


def test_a_measured_time_reads_no_damaged_rows():
    X, _ = damaged("last pointer")
    with pytest.raises(ValueError, match="index pointer"):
        row_seconds(lambda row: row.sum(), X, 0.01)


@pytest.mark.parametrize("units", [(4,), ()], ids=str)
def test_entries_that_stand_twice_count_as_their_sum(labels, units):
    whole = rows()
    entries = whole.tocoo()
    parts = scipy.sparse.csr_matrix(SHAPE)
    # The halves of each value stand side by side, in falling order of the columns.
    order = np.lexsort([-np.repeat(entries.col, 2), np.repeat(entries.row, 2)])
    parts.data = np.repeat(entries.data / 2, 2)[order]
    parts.indices = np.repeat(entries.col, 2)[order].astype(np.int32)
    parts.indptr = 2 * whole.indptr
    kept = parts.indices.copy()
    models = [
        DistilledClassifier(
            LogisticRegression(), hidden_layer_sizes=units, max_iter=2, random_state=0
        ).fit(X, labels)
        for X in (whole, parts)
    ]
    assert_array_equal(parts.indices, kept)  # The rows of the user stay as they are.
    one, other = (model.student_ for model in models)
    assert_array_equal(one.coefs_[0], other.coefs_[0])
    assert_allclose(one.predict_proba(parts), one.predict_proba(whole), atol=1e-6)
    assert models[1].seen_rows_.share_of(as_csr(whole).astype(np.float32)) == 1


@pytest.mark.parametrize("hidden", [(8,), ()], ids=str)
def test_a_student_answers_sparse_rows_of_any_format_as_dense_ones(hidden):
    units = (SHAPE[1], *hidden, 3)
    coefs, intercepts = oracle.random_network(units, dtype=np.float32)
    student = Student(coefs, intercepts, "relu", [0, 1, 2])
    expected = student.predict_proba(rows().toarray())
    for form in ("csr", "csc", "coo", "bsr", "lil", "dia", "dok"):
        for index_type in (np.int32, np.int64):
            found = student.predict_proba(rows(form, index_type))
            assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("column", [1.5, "1", None, 2.0])
def test_columns_of_lil_need_to_be_integers(column):
    X = rows("lil")
    filled = int(np.argmax([len(columns) for columns in X.rows]))
    X.rows[filled][0] = column
    with refused(f"rows[{filled}] holds {column}, and must hold columns"):
        as_csr(X)
    X.rows[filled] = None
    with refused(f"rows[{filled}] is a NoneType"):
        as_csr(X)


@pytest.mark.parametrize(
    ("form", "part"),
    [("csr", "indices"), ("csr", "indptr"), ("csr", "data"), ("csc", "indices")],
)
def test_parts_need_to_be_arrays(form, part):
    X = rows(form)
    setattr(X, part, getattr(X, part).tolist())
    with refused(f"{part} is a list, and must be an array"):
        as_csr(X)


def test_a_flag_of_former_rows_is_not_trusted(labels):
    X = rows()
    row = int(np.argmax(np.diff(X.indptr)))
    start, end = X.indptr[row], X.indptr[row + 1]
    assert end - start > 1
    assert X.has_canonical_format
    X.indices[start:end] = X.indices[start]  # All of these entries are one now.
    assert X.has_canonical_format
    checked = summed(as_csr(X))
    assert_array_equal(checked.toarray(), X.toarray())
    assert checked.nnz == X.nnz - (end - start - 1)
    whole = summed(as_csr(rows()))
    assert whole.data.size == rows().data.size
