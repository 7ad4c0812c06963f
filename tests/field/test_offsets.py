"""Timestamps and other columns that are far from 0 for their deviation."""

import json
import shutil
import subprocess
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from numpy.testing import assert_allclose, assert_array_equal

from skdistill import DistilledClassifier, Student
from skdistill.export import quantize, to_c, to_js, to_onnx, verify
from skdistill.inputs.encoder import TabularEncoder
from skdistill.inputs.sparse import SparseInput
from skdistill.inputs.standardization import Standardization, offsets_of
from skdistill.student import prediction as prediction_module
from tests import oracle
from tests.student.plain_reader import PlainStudent

NOON = 1.7e9
QUICK = {
    "random_state": 0,
    "hidden_layer_sizes": (32,),
    "max_iter": 40,
    "weight_decay": 0.0,
    "synthesizer": None,
}


def around_noon(X):
    """Answer by the seconds between a row and noon; NaN counts as far away."""
    near = np.abs(np.asarray(X)[:, 0] - NOON) < 70
    second = np.where(near, 0.98, 0.02)
    return np.column_stack([1 - second, second])


@pytest.fixture(scope="module")
def table():
    """Seconds of 1970 with a deviation of 100, which float32 rounds to 128."""
    rng = np.random.default_rng(0)
    seconds = np.round(rng.normal(NOON, 100.0, 600))
    assert np.unique(seconds.astype(np.float32)).size < 10
    X = np.column_stack([seconds, rng.normal(size=600)])
    return X, around_noon(X).argmax(axis=1)


@pytest.fixture(scope="module", params=["auto", None])
def fitted(request, table):
    X, y = table
    model = DistilledClassifier(around_noon, encoder=request.param, **QUICK)
    return model.fit(X, y)


def test_seconds_are_told_apart(fitted, table):
    X, y = table
    assert fitted.score(X, y) > 0.97
    assert np.mean(fitted.student_.predict(X) == y) == fitted.score(X, y)
    # Each second changes the answer.
    edge = np.array([[NOON + 70 + second, 0.0] for second in range(-30, 31)])
    proba = fitted.predict_proba(edge)[:, 1]
    assert np.unique(proba).size > 50
    assert proba[0] > 0.8 > 0.2 > proba[-1]


def test_all_forms_of_a_table_give_the_same_bits(fitted, table):
    X = table[0]
    student, expected = fitted.student_, fitted.student_.predict_proba(X)
    whole = X.copy()
    whole[:, 1] = 0.0
    for rows in (X.tolist(), pd.DataFrame(X), np.asfortranarray(X), X.astype(object)):
        assert_array_equal(student.predict_proba(rows), expected)
    assert_array_equal(
        student.predict_proba(whole.astype(np.int64)), student.predict_proba(whole)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.filterwarnings("ignore:overflow")
def test_single_precision_is_refused_by_name(fitted, table, dtype):
    """It rounds all seconds of two minutes to one number."""
    X = table[0][:50]
    short = X.astype(dtype)
    frame = pd.DataFrame(X).astype({0: dtype})
    forms = [short, short.tolist(), frame, np.asfortranarray(short)]
    forms[1] = [[dtype(a), float(b)] for a, b in short]
    forms += [short.astype(object), list(short), np.array(forms[1], dtype=object)]
    if dtype is np.float32:
        forms.append(pd.DataFrame(X).astype({0: "Float32"}))
        forms.append(pl.DataFrame(X).cast({"column_0": pl.Float32}))
    forms = [form for form in forms if holds(form, dtype)]
    assert len(forms) > 4
    for rows in forms:
        for model in (fitted, fitted.student_):
            with pytest.raises(ValueError, match="column .* of X is .*as float64"):
                model.predict_proba(rows)
    # The other column may be short.
    other = pd.DataFrame(X).astype({1: np.float32})
    expected = fitted.predict_proba(other.astype(np.float64))
    for model in (fitted, fitted.student_):
        assert_array_equal(model.predict_proba(other), expected)


def holds(form, dtype):
    """Return whether a form keeps the type of its numbers."""
    if isinstance(form, np.ndarray) and form.dtype == object:
        return isinstance(form[0, 0], dtype)
    return True


@pytest.mark.filterwarnings("ignore:.*given in single precision")
def test_fit_refuses_single_precision_by_name(table):
    X, y = table
    frame = pd.DataFrame(X, columns=["time", "size"]).astype(np.float32)
    for encoder in ("auto", None):
        model = DistilledClassifier(around_noon, encoder=encoder, **QUICK)
        with pytest.raises(ValueError, match="column 'time' of X is float32"):
            model.fit(frame, y)
        with pytest.raises(ValueError, match="column 0 of X is float32"):
            model.fit(X.astype(np.float32), y)


def test_a_named_column_is_found_in_dictionaries():
    coefs, intercepts = oracle.random_network((2, 1), 0, np.float32)
    student = Student(
        coefs,
        intercepts,
        "relu",
        [0, 1],
        feature_names=["size", "time"],
        offsets=[0.0, NOON],
    )
    for rows in (
        {"time": np.float32(NOON), "size": 1.0},
        {"time": np.full(3, NOON, dtype=np.float32), "size": [1.0, 2.0, 3.0]},
        pl.DataFrame({"time": [NOON], "size": [0.0]}).cast(pl.Float32),
    ):
        with pytest.raises(ValueError, match="column 'time' of X is .loat32"):
            student.predict(rows)
    student.predict({"time": NOON, "size": np.float32(1.0)})


def test_the_answers_are_those_of_a_column_that_was_centred_by_hand(fitted, table):
    """The offset is a whole number here. So both students see the same numbers.

    The means of both tables differ in their last digits, and so do the trainings.
    """
    X, y = table
    offset = fitted.student_.offsets_
    assert offset[1] == 0.0
    assert offset[0] % 1 == 0
    assert abs(offset[0] - NOON) < 100
    model = DistilledClassifier(
        lambda rows: around_noon(rows + offset), encoder=fitted.encoder, **QUICK
    ).fit(X - offset, y)
    assert model.student_.offsets_ is None
    expected = model.predict_proba(X - offset)
    assert_allclose(fitted.predict_proba(X), expected, atol=0.01)


def test_numpy_alone_and_the_file(fitted, table, tmp_path, monkeypatch):
    X = table[0]
    student = fitted.student_
    expected = student.predict_proba(X)
    student.save(tmp_path / "student.npz")
    loaded = Student.load(tmp_path / "student.npz")
    assert_array_equal(loaded.offsets_, student.offsets_)
    assert_array_equal(loaded.predict_proba(X), expected)
    exact = quantize(student, "float32").student
    assert_array_equal(exact.predict_proba(X), expected)
    plain = PlainStudent(tmp_path / "student.npz")
    assert_allclose(plain.predict_proba(X[:50].tolist()), expected[:50], atol=1e-5)
    with monkeypatch.context() as patch:
        patch.setattr(prediction_module, "COMPILED", False)
        assert_allclose(loaded.predict_proba(X), expected, atol=1e-5)


def test_a_student_by_hand_against_the_formula():
    coefs, intercepts = oracle.random_network((2, 5, 1), 0, np.float32)
    offsets = np.array([NOON, 0.0])
    student = Student(coefs, intercepts, "tanh", [0, 1], offsets=offsets)
    X = oracle.RNG(0).normal(size=(30, 2)) + offsets
    logits = oracle.forward(X - offsets, coefs, intercepts, "tanh")
    assert_allclose(student.decision_function(X), logits[-1][:, 0], atol=1e-5)
    assert student.nbytes == Student(coefs, intercepts, "tanh", [0, 1]).nbytes + 16
    assert Student(coefs, intercepts, "tanh", [0, 1], offsets=[0, 0]).offsets_ is None


@pytest.mark.parametrize(
    "offsets", [[1.0], [0.0], [], [0] * 3, [[1.0, 0.0]], [np.nan, 0.0], [1e38, 0.0]]
)
def test_wrong_offsets_are_refused(offsets):
    coefs, intercepts = oracle.random_network((2, 1), 0, np.float32)
    with pytest.raises(ValueError, match="offsets (has shape|needs to be finite)"):
        Student(coefs, intercepts, "relu", [0, 1], offsets=offsets)


def test_javascript_subtracts_too(fitted, table, tmp_path):
    if shutil.which("node") is None:
        pytest.skip("node is absent")
    X = table[0]
    to_js(fitted, tmp_path / "student.mjs", verify_on=X[:200])
    assert verify(fitted, tmp_path / "student.mjs", X[200:400]).passed
    if fitted.encoder is None:
        return
    script = (
        f"import('{tmp_path}/student.mjs')"
        ".then((student) => console.log(JSON.stringify(student.features)))"
    )
    done = subprocess.run(
        ["node", "-e", script], capture_output=True, text=True, check=True
    )
    single = script.replace(".features", ".predict(new Float32Array([1, 2]))")
    failed = subprocess.run(["node", "-e", single], capture_output=True, text=True)
    assert "TypeError" in failed.stderr
    assert "needs double precision" in failed.stderr
    low, high = (json.loads(done.stdout)[0][name] for name in ("low", "high"))
    assert [low, high] == [X[:, 0].min(), X[:, 0].max()]


def test_c_and_onnx_refuse_the_column_by_name(table, tmp_path):
    X, y = table
    frame = pd.DataFrame(X, columns=["time", "size"])
    model = DistilledClassifier(around_noon, **QUICK | {"max_iter": 1}).fit(frame, y)
    words = (
        "column 'time' has values near 1.7e.09, too far from 0 for their differences"
    )
    for given in (model, model.student_):
        for export, name in ((to_c, "student.h"), (to_onnx, "student.onnx")):
            with pytest.raises(ValueError, match=words):
                export(given, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encoder", ["auto", None])
def test_a_warm_start_continues(table, encoder):
    X, y = table
    model = DistilledClassifier(
        around_noon, encoder=encoder, warm_start=True, weight_dtype="float32", **QUICK
    ).fit(X, y)
    before, later = model.predict_proba(X), X + np.array([3.0, 0.0])
    model.set_params(learning_rate_init=1e-9, max_iter=1).fit(later, y)
    assert_allclose(model.predict_proba(X), before, atol=1e-3)


def test_only_columns_that_need_it_have_an_offset():
    mean = np.array([0.0, 9e5, 1.1e6, -1.7e9, 5e9, 1e30])
    scale = np.array([1.0, 90.5, 100.0, 100.0, 1.0, 1e20])
    varies = np.array([True, True, True, True, False, True])
    offsets = offsets_of(mean, scale, varies)
    assert (offsets != 0).tolist() == [False, False, True, True, False, True]
    assert (np.abs(offsets - mean)[[2, 3, 5]] <= scale[[2, 3, 5]] / 2).all()
    single = (offsets + scale).astype(np.float32)
    assert not (single == offsets.astype(np.float32))[[0, 1]].any()


def test_missing_values_and_columns_that_are_shifted_copies(table):
    seconds = table[0][:, 0].copy()
    seconds[::9] = np.nan
    X = np.column_stack([seconds, seconds + 3600.0])
    encoder = TabularEncoder().fit(X)
    codes = encoder.transform(X)
    # The second column is no copy, since it has an offset of its own.
    assert codes.shape[1] == 2
    assert_array_equal(codes[:, 0], codes[:, 1])
    knots = encoder.code_.knots[0].astype(np.float64) + encoder.offsets_[0]
    assert knots[0] == np.nanmin(seconds)
    assert_allclose(encoder.mean_, [np.nanmean(seconds), np.nanmean(X[:, 1])])


def stray(kind, n_rows=1500):
    """Seconds around noon with some values far away, and which rows lie after noon."""
    rng = np.random.default_rng(1)
    seconds = NOON + rng.uniform(-100, 100, n_rows)
    after = seconds > NOON
    if kind == "one zero":
        seconds[7] = 0.0
    elif kind == "one in a hundred zeros":
        seconds[::100] = 0.0
    elif kind == "mostly zeros":
        seconds[rng.random(n_rows) < 0.7] = 0.0
    else:
        seconds[::2] -= 3e7
    return np.column_stack([seconds, rng.normal(size=n_rows)]), after & (seconds > 0)


STRAY = ["one zero", "one in a hundred zeros", "mostly zeros", "two bursts"]


def sure(after):
    """Return a teacher that knows the answers of the rows by heart."""
    return np.column_stack([1.0 - after, after]) * 0.96 + 0.02


@pytest.mark.parametrize("kind", STRAY)
def test_values_far_away_do_not_hide_seconds(kind):
    X, after = stray(kind)
    model = DistilledClassifier("precomputed", **QUICK)
    model.fit(X, after, teacher_proba=sure(after))
    assert model.score(X, after) > 0.98
    assert abs(model.student_.offsets_[0] - X[X[:, 0] > 0, 0].max()) < 4e7
    assert model.student_.offsets_[1] == 0


@pytest.mark.parametrize("kind", STRAY)
def test_without_an_encoder_values_far_away_are_named(kind):
    X, after = stray(kind)
    model = DistilledClassifier("precomputed", encoder=None, **QUICK)
    frame = pd.DataFrame(X, columns=["time", "other"])
    with pytest.warns(UserWarning, match="hardly tells .* apart: 'time'. A few values"):
        model.fit(frame, after, teacher_proba=sure(after))


def test_a_column_that_no_offset_mends_is_named():
    rng = np.random.default_rng(2)
    bursts = NOON * rng.integers(1, 9, 800) + rng.uniform(-100, 100, 800)
    frame = pd.DataFrame({"time": bursts, "other": rng.normal(size=800)})
    with pytest.warns(UserWarning, match="hardly tells .* apart: 'time'. No single"):
        TabularEncoder().fit(frame)
    single = stray("one zero")[0].astype(np.float32)
    with pytest.warns(UserWarning, match="apart: 0. No single .* float64"):
        TabularEncoder().fit(single)


def test_ordinary_columns_get_no_offset_and_no_warning():
    rng = np.random.default_rng(3)
    normal = rng.normal(size=3000)
    columns = {
        "normal": normal,
        "one value in most rows": np.where(rng.random(3000) < 0.6, 5.0, 5.0 + normal),
        "heavy tails": np.exp(10 * normal),
        "cubed": normal**9,
        "single digits": rng.integers(0, 10, 3000),
        "numbers of customers": rng.integers(10**9, 2 * 10**9, 3000),
        "years": rng.integers(1950, 2030, 3000),
        "days": 18_000 + rng.integers(0, 3000, 3000),
        "two values": np.where(normal > 0, NOON, NOON + 1e6),
        "a stray value": np.r_[1e30, normal[1:]],
        "months of seconds": NOON + 2e6 * normal,
    }
    X = np.column_stack([*columns.values()]).astype(np.float64)
    for given in (X, X.astype(np.float32)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert not TabularEncoder().fit(given).offsets_.any()
            assert not Standardization.learn(given).offsets.any()


def test_sparse_seconds_are_named():
    X, _ = stray("one in a hundred zeros", 300)
    for rows, words in ((X, "apart: 0. Sparse columns"), (X[:, [1, 0]], "apart: 1. ")):
        with pytest.warns(UserWarning, match=words):
            SparseInput.learn(scipy.sparse.csr_array(rows))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SparseInput.learn(scipy.sparse.random_array((400, 90), random_state=0).tocsr())
        SparseInput.learn(scipy.sparse.csr_array(X - [NOON, 0.0]))
